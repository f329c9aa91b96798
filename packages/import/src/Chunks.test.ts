/** Long conversations in pieces. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { chunksOf } from "@vivim/event-schemas/document/Chunks"
import type { Message } from "@vivim/event-schemas/document/Message"
import { assert, describe, it } from "vitest"
import { TestBench } from "./TestBench.ts"

const { chat, file, node, read } = TestBench

/** Five thousand turns: some in words of one byte a letter, some of three, some with many citations. */
const words = (i: number) => (i % 7 === 0 ? "茶" : i % 11 === 0 ? "\u0301" : "a").repeat(i * 37 % 2_000)
const thread = () =>
  chat(
    "long",
    Array.from({ length: 5_000 }, (_, i) =>
      node(`m${i}`, i === 0 ? null : `m${i - 1}`, i % 2 === 0 ? "user" : "assistant", words(i)))
  )

/** A message that weighs in what is not its own text. */
const cited = (id: string): Message => ({
  id: id as Message["id"],
  parent: null,
  role: "assistant",
  author: null,
  model: null,
  at: null,
  hidden: null,
  blocks: [{
    _tag: "Text",
    text: "See",
    citations: Array.from(
      { length: 50 },
      (_, i) => ({ url: `https://example.org/${i}`, title: "T".repeat(200), marker: null })
    )
  }],
  hash: "0".repeat(64) as Message["hash"]
})

describe("Chunks", () => {
  it("five thousand messages keep their order, and every chunk its bounds", async () => {
    const { conversations } = await read(file(JSON.stringify([thread()])))
    const { messages } = conversations[0]!
    assert.lengthOf(messages, 5_000)
    for (
      const limits of [{ messagesMax: 200, bytesMax: 1 << 20 }, { messagesMax: 200, bytesMax: 65_536 }, {
        messagesMax: 1,
        bytesMax: 1
      }]
    ) {
      const chunks = chunksOf(messages, limits)
      assert.deepStrictEqual(chunks.flat(), messages)
      for (const chunk of chunks) {
        assert.isAbove(chunk.length, 0)
        assert.isAtMost(chunk.length, limits.messagesMax)
        if (chunk.length > 1) assert.isAtMost(Canonical.encode(chunk).length, limits.bytesMax)
      }
      // No chunk is cut where the next message would still have found room.
      const roomy = chunks.slice(0, -1).filter((chunk, i) =>
        chunk.length < limits.messagesMax &&
        Canonical.encode([...chunk, chunks[i + 1]![0]!]).length * 2 < limits.bytesMax
      )
      assert.lengthOf(roomy, 0)
    }
  })

  it("citations weigh too", () => {
    const limits = { messagesMax: 200, bytesMax: 65_536 }
    const chunks = chunksOf(Array.from({ length: 40 }, (_, i) => cited(`m${i}`)), limits)
    for (const chunk of chunks) assert.isAtMost(Canonical.encode(chunk).length, limits.bytesMax)
  })

  it("no messages are one chunk, and one too large is not cut", () => {
    assert.deepStrictEqual(chunksOf([], { messagesMax: 2, bytesMax: 10 }), [[]])
    const [a, b, c] = [cited("a"), cited("b"), cited("c")]
    assert.deepStrictEqual(chunksOf([a, b, c], { messagesMax: 2, bytesMax: 10 }), [[a], [b], [c]])
  })
})
