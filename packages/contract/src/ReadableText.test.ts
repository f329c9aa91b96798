/** What of a text is meant to be read. */
import * as FastCheck from "effect/FastCheck"
import { assert, it } from "vitest"
import { hasMarks, readable } from "./ReadableText.ts"

const mark = (...parts: ReadonlyArray<string>) => `\uE200${parts.join("\uE202")}\uE201`

it("M1 a marked span leaves the text, and what it stands behind closes up", () => {
  assert.strictEqual(
    readable(`Swifts sleep in flight ${mark("cite", "turn0search1", "turn0search4")}.`),
    "Swifts sleep in flight."
  )
  assert.strictEqual(readable(`One ${mark("cite", "turn1view0")} two`), "One two")
  assert.strictEqual(readable(`One ${mark("cite", "turn1view0")}two`), "One two")
  assert.strictEqual(readable(mark("image_group", `{"query":["quorum"]}`)), "")
})

it("M1 an entity is the word it names", () => {
  const kyoto = mark("entity", `["city","Kyoto","in Japan"]`)
  assert.strictEqual(readable(`To ${kyoto} in November`), "To Kyoto in November")
  assert.strictEqual(readable(`To ${mark("entity", "[not json")}, in November`), "To, in November")
  assert.strictEqual(readable(`A ${mark("entity", `["city",7]`)}.`), "A.")
})

it("M2 of any text no sign is left, and a text without signs is itself", () => {
  const unit = FastCheck.constantFrom(
    "a",
    " ",
    "\n",
    "é",
    "🐈",
    "\uE000",
    "\uE200",
    "\uE201",
    "\uE202",
    "\uE206",
    "\uE207",
    "[\"x\",\"y\"]"
  )
  FastCheck.assert(
    FastCheck.property(FastCheck.string({ unit, maxLength: 30 }), (text) => {
      const read = readable(text)
      assert.isFalse(hasMarks(read))
      if (!hasMarks(text)) assert.strictEqual(read, text)
      assert.strictEqual(readable(read), read)
      // What stands outside of signs stays, private or not.
      const outside = text.replaceAll(/\uE200[^\uE200\uE201]*\uE201/g, "").replaceAll(/[\uE200-\uE206]|[ \t]/g, "")
      if (!text.includes("entity")) assert.strictEqual(read.replaceAll(/[ \t]/g, ""), outside)
    })
  )
})
