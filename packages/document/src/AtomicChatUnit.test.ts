/** Messages are cut into units that hold all of them, and have the same ids tomorrow. */
import type { Block } from "@vivim/event-schemas/document/Message"
import { Message } from "@vivim/event-schemas/document/Message"
import { ContentHash, MessageId } from "@vivim/event-schemas/ids"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import { assert, it } from "vitest"
import * as AtomicChatUnit from "./AtomicChatUnit.ts"

const message = (...blocks: ReadonlyArray<Block>) => ({ id: MessageId.make("m1"), blocks })
const text = (text: string): Block => ({ _tag: "Text", text, citations: [] })
const content = { hash: ContentHash.make("a".repeat(64)), bytes: 3, mime: "image/png" }

it("A1 spans hold all that is not blank, once, whatever the blocks are", () => {
  FastCheck.assert(
    FastCheck.property(Arbitrary.make(Message), ({ blocks, id }) => {
      const units = AtomicChatUnit.split({ id, blocks })
      blocks.forEach((block, index) => {
        const whole = AtomicChatUnit.textOf(block)
        const spans = units.filter((unit) => unit.block === index).map(({ end, start }) => whole.slice(start, end))
        assert.strictEqual(spans.join("").replace(/\s/g, ""), whole.replace(/\s/g, ""))
      })
    })
  )
})

it("A2 ordinals count up, ids differ and come out the same again", () => {
  FastCheck.assert(
    FastCheck.property(Arbitrary.make(Message), (message) => {
      const units = AtomicChatUnit.split(message)
      assert.deepStrictEqual(AtomicChatUnit.split(structuredClone(message)), units)
      assert.deepStrictEqual(units.map(({ ordinal }) => ordinal), [...units.keys()])
      assert.strictEqual(new Set(units.map(({ id }) => id)).size, units.length)
      for (const { hash, id, ordinal } of units) {
        assert.strictEqual(id, AtomicChatUnit.unitId(message.id, ordinal, hash))
      }
    })
  )
})

it("A2 the ids of today are the ids of tomorrow", () => {
  assert.deepStrictEqual(AtomicChatUnit.split(message(text("Tea?\n\n```sh\nboil\n```"))).map(({ id }) => id), [
    "m1.0.762f53c5d8714cd4",
    "m1.1.4dd70633ab2ecb71"
  ])
})

it("A3 code has one hash in a fence and on its own; text has one in any Unicode form", () => {
  const [fenced] = AtomicChatUnit.split(message(text("```ts\nconst a = 1\n```")))
  const [alone] = AtomicChatUnit.split(message({ _tag: "Code", text: "const a = 1", language: "ts" }))
  assert.strictEqual(fenced!.hash, alone!.hash)
  assert.deepStrictEqual([fenced!.language, alone!.language], ["ts", "ts"])
  const [composed, decomposed] = ["caf\u00e9", "cafe\u0301"].map((word) =>
    AtomicChatUnit.split(message(text(word)))[0]!
  )
  assert.strictEqual(composed!.hash, decomposed!.hash)
  assert.notStrictEqual(composed!.hash, AtomicChatUnit.split(message(text("cafe")))[0]!.hash)
  const [quoted] = AtomicChatUnit.split(
    message({ _tag: "Reasoning", text: "const a = 1", summary: null, durationMs: null })
  )
  assert.notStrictEqual(quoted!.hash, alone!.hash)
})

it("A4 every kind of block leaves its own type", () => {
  const units = AtomicChatUnit.split(message(
    text("# Plan\n\nWords.\n\n- a\n- b\n\n> said\n\n|a|\n|-|\n\n$$x$$\n\n![alt](u)\n\n---\n\n```js\n1\n```"),
    { _tag: "Code", text: "2", language: null },
    { _tag: "Reasoning", text: "", summary: "Thought", durationMs: null },
    { _tag: "ToolCall", name: "search", input: "{}" },
    { _tag: "ToolResult", name: null, text: "", failed: true, citations: [] },
    { _tag: "Image", source: "file-1", name: null, alt: "a tower", content },
    {
      _tag: "Attachment",
      source: "file-2",
      name: "notes.txt",
      mime: null,
      bytes: null,
      text: "long notes",
      content: null
    },
    { _tag: "Unknown", kind: "hologram", json: "{\"a\":1}" },
    text(" \n ")
  ))
  assert.deepStrictEqual(units.map(({ block, text, type }) => [block, type, text]), [
    [0, "text", "# Plan\n\nWords."],
    [0, "list", "- a\n- b"],
    [0, "quotation", "> said"],
    [0, "table", "|a|\n|-|"],
    [0, "formula", "$$x$$"],
    [0, "image", "![alt](u)"],
    [0, "break", "---"],
    [0, "code", "1"],
    [1, "code", "2"],
    [2, "reasoning", "Thought"],
    [3, "tool-call", "{}"],
    [4, "tool-result", ""],
    [5, "image", "a tower"],
    [6, "attachment", "long notes"],
    [7, "unknown", "{\"a\":1}"]
  ])
})
