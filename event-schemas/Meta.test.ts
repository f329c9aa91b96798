/** What every event carries beside its parts, to bytes and back. */
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as Canonical from "./Canonical.ts"
import * as Meta from "./Meta.ts"

const meta = Arbitrary.make(Meta.Meta)

describe("Meta", () => {
  it("is given back as it was", () =>
    FastCheck.assert(
      FastCheck.property(meta, (value) => assert.deepStrictEqual(Meta.decode(Meta.encode(value)), value))
    ))

  it("has the same bytes in whatever order it was filled", () =>
    FastCheck.assert(FastCheck.property(meta, (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed()) as typeof value
      assert.deepStrictEqual(Meta.encode(reversed), Meta.encode(value))
    })))

  it("is read when a newer node said more, and not when it said less", () =>
    FastCheck.assert(FastCheck.property(meta, (value) => {
      assert.deepStrictEqual(Meta.decode(Canonical.encode({ ...value, mood: "calm" })), value)
      const { by: _, ...anonymous } = value
      assert.throws(() => Meta.decode(Canonical.encode(anonymous)))
    })))

  it("says what follows from an event: from it, and from the command the chain began with; nothing where it cannot be read", () =>
    FastCheck.assert(FastCheck.property(meta, (value) => {
      const { causationId, correlationId } = Meta.causesOf({ id: "an event", meta: Meta.encode(value) })!
      assert.deepStrictEqual([causationId, correlationId], ["an event", value.correlationId ?? value.commandId])
      assert.isUndefined(Meta.causesOf({ id: "an event", meta: new Uint8Array([0]) }))
    })))
})
