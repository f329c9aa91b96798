/** Prefixes of any JSON document. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { parsePartialJson } from "./PartialJson.ts"

/** Whether `part` is `whole` with only endings left out. */
const isBeginning = (part: unknown, whole: unknown): boolean => {
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.length <= whole.length && part.every((value, i) => isBeginning(value, whole[i]))
  }
  if (typeof part === "object" && part !== null) {
    return typeof whole === "object" && whole !== null &&
      Object.entries(part).every(([key, value]) => Object.hasOwn(whole, key) && isBeginning(value, (whole as any)[key]))
  }
  return Object.is(part, whole)
}

describe("PartialJson", () => {
  it("P1 every prefix gives a beginning of the value", () => {
    const value = FastCheck.oneof(
      FastCheck.array(FastCheck.jsonValue()),
      FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue())
    )
    FastCheck.assert(
      FastCheck.property(value, FastCheck.nat(2), FastCheck.nat(), (value, indent, at) => {
        const text = JSON.stringify(value, null, indent)
        const part = parsePartialJson(text.slice(0, 1 + at % text.length))
        // One byte may be dropped from a number's end at most when a comma follows: never, because it is cut before the comma.
        assert.isTrue(isBeginning(part, JSON.parse(text)), text)
      }),
      { numRuns: 500 }
    )
    assert.deepStrictEqual(parsePartialJson("{\"a\":{\"b\":[1,2,{\"c\":\"d\"},{\"e"), {
      a: { b: [1, 2, { c: "d" }, {}] }
    })
  })

  it("P1 what is no JSON is undefined, and depth is bounded", () => {
    assert.isUndefined(parsePartialJson("hello"))
    assert.isUndefined(parsePartialJson("{a:1}"))
    assert.isUndefined(parsePartialJson(""))
    assert.isArray(parsePartialJson("[".repeat(100_000)))
  })
})
