/** The hash of any message against the canonical encoder. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { Message } from "@vivim/event-schemas/document/Message"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
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

  it("H1 it is the hash of the canonical bytes, for every message", () => {
    FastCheck.assert(
      FastCheck.property(
        arbitrary,
        ({ hash: _, ...rest }) => assert.strictEqual(messageHash(rest), sha256(Canonical.encode(nfc(rest))))
      ),
      { numRuns: 300 }
    )
  })
})
