/** The bytes and hashes of any message against the canonical encoder. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { Message } from "@vivim/event-schemas/document/Message"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { MessageBytes } from "./MessageBytes.ts"
import { hashed, messageHash, sha256, type Unhashed } from "./MessageHash.ts"

const arbitrary = Arbitrary.make(Message)

const nfc = (value: unknown): unknown =>
  typeof value === "string"
    ? value.normalize("NFC")
    : Array.isArray(value)
    ? value.map(nfc)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, nfc(part)]))
    : value

const message: Unhashed = {
  id: "m1" as any,
  parent: null,
  role: "user",
  author: null,
  model: null,
  at: 1_760_000_000_000,
  hidden: null,
  blocks: [{ _tag: "Text", text: "café", citations: [] }]
}

describe("MessageHash", () => {
  it("H1 normalisation changes nothing, anything else does", () => {
    const text = (text: string): Unhashed => ({ ...message, blocks: [{ _tag: "Text", text, citations: [] }] })
    assert.strictEqual(messageHash(text("cafe\u0301")), messageHash(message))
    const others = [
      text("cafe"),
      { ...message, id: "m2" as any },
      { ...message, parent: "m0" as any },
      { ...message, role: "assistant" as const },
      { ...message, author: "x" },
      { ...message, model: "x" },
      { ...message, at: null },
      { ...message, hidden: "system" },
      { ...message, blocks: [] },
      { ...message, blocks: [...message.blocks, ...message.blocks] }
    ]
    const hashes = [message, ...others].map(messageHash)
    assert.strictEqual(new Set(hashes).size, hashes.length)
    assert.strictEqual(messageHash(hashed(message)), hashed(message).hash, "the hash field is not part of the hash")
  })

  it("H2 the bytes are the canonical ones, for every message", () => {
    const bytes = new MessageBytes()
    FastCheck.assert(
      FastCheck.property(arbitrary, ({ hash: _, ...rest }) => {
        const canonical = Canonical.encode(nfc(rest))
        assert.deepStrictEqual(Buffer.from(bytes.encode(rest)), Buffer.from(canonical))
        assert.strictEqual(messageHash(rest), sha256(canonical))
      }),
      { numRuns: 300 }
    )
  })

  it("H2 also for long texts, many blocks, large and negative numbers", () => {
    const bytes = new MessageBytes()
    const lengths = [0, 1, 23, 24, 255, 256, 65_535, 65_536, 5_000_000]
    const numbers = [
      0,
      23,
      24,
      255,
      256,
      65_535,
      65_536,
      2 ** 32 - 1,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      -1,
      -24,
      -25,
      -(2 ** 33)
    ]
    for (
      const value of [...lengths.map((n) => ({ text: "é".repeat(n) })), {
        list: Array.from({ length: 70_000 }, () => null)
      }, { numbers }]
    ) {
      assert.isTrue(Buffer.from(bytes.encode(value)).equals(Canonical.encode(value)))
    }
    assert.throws(() => bytes.encode({ a: 1.5 }))
    assert.throws(() => bytes.encode({ a: undefined }))
  })
})
