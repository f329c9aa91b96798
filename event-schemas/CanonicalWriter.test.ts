/** The fast writer against the general encoder, byte by byte. */
import * as DagCbor from "@ipld/dag-cbor"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { BeyondWriter, CanonicalWriter } from "./CanonicalWriter.ts"

const text = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 60 }),
  FastCheck.string({ unit: "grapheme", maxLength: 60 }),
  FastCheck.string({ unit: "grapheme-ascii", maxLength: 300 })
)
const { data } = FastCheck.letrec((tie) => ({
  data: FastCheck.oneof(
    { maxDepth: 4, withCrossShrink: true },
    FastCheck.constantFrom(null, true, false, -0, 2 ** 53, -(2 ** 53), 2 ** 60, 0.1),
    FastCheck.maxSafeInteger(),
    FastCheck.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    FastCheck.uint8Array({ maxLength: 40 }),
    FastCheck.array(tie("data"), { maxLength: 5 }),
    FastCheck.dictionary(FastCheck.string({ unit: "grapheme", maxLength: 30 }), tie("data"), { maxKeys: 5 }),
    FastCheck.dictionary(FastCheck.constantFrom("a", "b", "ab", "a b", "id", "text", "_tag"), tie("data"))
  )
}))

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const written = (writer: CanonicalWriter, value: unknown): string | null => {
  try {
    return hex(writer.encode(value))
  } catch (cause) {
    if (cause instanceof BeyondWriter) return null
    throw cause
  }
}

/** A link to nothing in particular: version 1, dag-cbor, SHA-256. */
const link = (fill: number) =>
  DagCbor.decode(Buffer.from(`d82a58250001711220${fill.toString(16).padStart(2, "0").repeat(32)}`, "hex"))

describe("CanonicalWriter", () => {
  it("W1 the bytes are those of the general encoder, whatever was written before", () => {
    const writer = new CanonicalWriter()
    let told = 0
    FastCheck.assert(
      FastCheck.property(data, (value) => {
        const bytes = written(writer, value)
        if (bytes === null) return
        told++
        assert.strictEqual(bytes, hex(DagCbor.encode(value)))
      }),
      { numRuns: 3_000 }
    )
    assert.isAbove(told, 1_000, "most values are written")
  })

  it("W1 at every length where a head grows, in one, two and three bytes a letter", () => {
    const writer = new CanonicalWriter()
    const lengths = [
      0,
      1,
      7,
      8,
      23,
      24,
      39,
      40,
      41,
      85,
      86,
      127,
      128,
      255,
      256,
      21_845,
      21_846,
      65_535,
      65_536,
      2_000_000
    ]
    for (const n of lengths) {
      for (const letter of ["a", "é", "茶", "\ud800"]) {
        const value = { text: letter.repeat(n), after: 1 }
        assert.strictEqual(written(writer, value), hex(DagCbor.encode(value)), `${n} x ${letter}`)
      }
    }
    const numbers = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]
    const value = { numbers, negative: numbers.map((n) => -1 - n), list: Array.from({ length: 70_000 }, () => null) }
    assert.strictEqual(
      written(writer, { ...value, negative: value.negative.slice(0, -1) }),
      hex(DagCbor.encode({ ...value, negative: value.negative.slice(0, -1) }))
    )
  })

  it("W1 links as well", () => {
    const writer = new CanonicalWriter()
    const value = { prev: link(7), list: [link(0), { deep: link(255) }] }
    assert.strictEqual(written(writer, value), hex(DagCbor.encode(value)))
  })

  it("W1 also when it has met more shapes than it remembers", () => {
    const writer = new CanonicalWriter()
    for (let n = 0; n < 6_000; n++) {
      const value = { [`key${n}`]: 1, a: n, [`${n}`]: { b: null } }
      assert.strictEqual(written(writer, value), hex(DagCbor.encode(value)))
    }
  })

  it("W2 what it cannot tell it refuses, and goes on", () => {
    const writer = new CanonicalWriter()
    const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 1)
    for (
      const value of [
        undefined,
        { a: undefined },
        Number.NaN,
        Infinity,
        -0,
        2 ** 53,
        1n,
        new Date(0),
        new Map(),
        new class {
          asCID = this
        }(),
        () => 1,
        {
          ü: 1
        },
        { ["k".repeat(24)]: 1 },
        deep
      ]
    ) {
      assert.isNull(written(writer, [1, { text: "before" }, value]))
      assert.strictEqual(written(writer, { a: 1 }), "a1616101")
    }
  })
})
