/** The canonical byte form: one for every value, and back. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as Canonical from "./Canonical.ts"

/** Plain data as events hold it: whole numbers and fractions, text without half characters, bytes, lists and objects. */
const { data } = FastCheck.letrec((tie) => ({
  data: FastCheck.oneof(
    { maxDepth: 3, withCrossShrink: true },
    FastCheck.constantFrom(null, true, false),
    FastCheck.maxSafeInteger(),
    FastCheck.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    FastCheck.string({ unit: "grapheme" }),
    FastCheck.uint8Array({ maxLength: 40 }),
    FastCheck.array(tie("data"), { maxLength: 4 }),
    FastCheck.dictionary(FastCheck.string({ unit: "grapheme", maxLength: 8 }), tie("data"), { maxKeys: 4 })
  )
}))

/** The same value, its objects filled in the opposite order. */
const reversed = (value: any): unknown => {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, part]) => [key, reversed(part)]))
}

const plain = (value: any): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}

describe("Canonical", () => {
  it("gives back what it was given", () =>
    FastCheck.assert(
      FastCheck.property(data, (value) =>
        assert.deepStrictEqual(plain(Canonical.decode(Canonical.encode(value))), plain(value)))
    ))

  it("gives equal values equal bytes, in whatever order they were filled", () =>
    FastCheck.assert(FastCheck.property(data, (value) => {
      const bytes = Buffer.from(Canonical.encode(value))
      assert.deepStrictEqual(Buffer.from(Canonical.encode(reversed(value))), bytes)
      assert.deepStrictEqual(Buffer.from(Canonical.encode(Canonical.decode(bytes))), bytes)
    })))

  it("spells the examples of RFC 8949 that dag-cbor shares", () => {
    const spelled: ReadonlyArray<readonly [unknown, string]> = [
      [0, "00"],
      [23, "17"],
      [24, "1818"],
      [1_000_000, "1a000f4240"],
      [-1, "20"],
      [1.1, "fb3ff199999999999a"],
      [null, "f6"],
      [Uint8Array.of(1, 2), "420102"],
      ["ü", "62c3bc"],
      [{ a: 1, b: [2, 3] }, "a26161016162820203"]
    ]
    for (const [value, hex] of spelled) assert.strictEqual(Buffer.from(Canonical.encode(value)).toString("hex"), hex)
  })

  it("refuses what has no canonical form, and bytes that are none", () => {
    for (const value of [undefined, { a: undefined }, Number.NaN, Infinity, new Date(0), () => 1]) {
      assert.throws(() => Canonical.encode(value))
    }
    // A length without end, a string cut short, something after the end, a key that is no text, a key twice.
    for (const hex of ["9f01ff", "62c3", "0000", "a10101", "a2616101616102"]) {
      assert.throws(() => Canonical.decode(Buffer.from(hex, "hex")), undefined, undefined, hex)
    }
  })
})
