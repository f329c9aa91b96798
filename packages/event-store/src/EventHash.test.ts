/** The hash of an event: held to the canonical bytes, and to every field it covers. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as FastCheck from "effect/FastCheck"
import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"
import { eventHash, type HashedHeader, headerHash, isIntact, noHash, privateHash } from "./EventHash.ts"

const bytes = FastCheck.uint8Array({ maxLength: 300 })
const event = FastCheck.record({
  stream: FastCheck.string({ minLength: 1, unit: "grapheme" }),
  version: FastCheck.oneof(FastCheck.integer({ min: 1, max: 300 }), FastCheck.integer({ min: 1, max: 2 ** 52 })),
  id: FastCheck.uuid({ version: 7 }),
  type: FastCheck.string({ minLength: 1, maxLength: 300, unit: "grapheme" }),
  schemaVersion: FastCheck.integer({ min: 1, max: 70_000 }),
  owner: FastCheck.string({ minLength: 1, unit: "grapheme" }),
  at: FastCheck.maxSafeNat(),
  meta: bytes,
  routing: bytes,
  private: bytes,
  previousHash: FastCheck.uint8Array({ minLength: 32, maxLength: 32 })
})

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest()

/** The promise, said the slow way. */
const canonicalHash = (header: HashedHeader, sealed: Uint8Array): string =>
  sha256(Canonical.encode([
    "vivim-event/1",
    ...[header.stream, header.version, header.id, header.type, header.schemaVersion, header.owner, header.at],
    ...[header.meta, header.routing, new Uint8Array(sha256(sealed)), header.previousHash]
  ])).toString("hex")

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

describe("the hash of an event", () => {
  it("H1 is that of the canonical bytes, whatever the fields hold", () => {
    FastCheck.assert(
      FastCheck.property(
        event,
        (event) => assert.strictEqual(hex(eventHash(event)), canonicalHash(event, event.private))
      ),
      { numRuns: 500 }
    )
    const [large] = FastCheck.sample(event, 1)
    const wide = { ...large!, routing: new Uint8Array(300_000).fill(7), stream: "ü".repeat(70_000) }
    assert.strictEqual(hex(eventHash(wide)), canonicalHash(wide, wide.private))
  })

  it("H2 changes with any change of any field, and with none of the position", () => {
    const changed = (value: unknown): any =>
      typeof value === "string"
        ? `${value}.`
        : typeof value === "number"
        ? value + 1
        : Uint8Array.of(...(value as Uint8Array), 1)
    FastCheck.assert(FastCheck.property(event, FastCheck.nat(10), (event, n) => {
      const field = Object.keys(event)[n] as keyof typeof event
      assert.notStrictEqual(hex(eventHash({ ...event, [field]: changed(event[field]) })), hex(eventHash(event)), field)
      const kept = { ...event, position: 1, hash: eventHash(event) }
      assert.isTrue(isIntact(kept))
      assert.isTrue(isIntact({ ...kept, position: 2 }))
      assert.isFalse(isIntact({ ...kept, [field]: changed(event[field]) }), field)
    }))
  })

  it("H2 keeps what one field holds apart from what the next one holds", () => {
    const [one] = FastCheck.sample(event, 1)
    assert.notStrictEqual(
      hex(eventHash({ ...one!, meta: Uint8Array.of(1, 2), routing: Uint8Array.of(3) })),
      hex(eventHash({ ...one!, meta: Uint8Array.of(1), routing: Uint8Array.of(2, 3) }))
    )
  })

  it("H3 can be verified without the private part", () => {
    FastCheck.assert(
      FastCheck.property(event, ({ private: sealed, ...header }) =>
        assert.strictEqual(
          hex(headerHash(header, privateHash(sealed))),
          hex(eventHash({ ...header, private: sealed }))
        ))
    )
  })

  it("H3 gives each caller zeros of its own to begin with", () => {
    noHash().fill(1)
    assert.deepStrictEqual(noHash(), new Uint8Array(32))
  })
})
