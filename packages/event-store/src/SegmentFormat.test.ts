/** The form of a segment: what goes in comes out, and nothing else does. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { blockBytesMax, digestOf, magic, rowsOf, SegmentIndex, SegmentWriter } from "./SegmentFormat.ts"

const first = 4_097

/** As it would lie in the store, and where its index begins. */
const written = (rows: ReadonlyArray<Uint8Array>) => {
  const writer = new SegmentWriter(first)
  const blocks = rows.flatMap((row) => writer.take(row) ?? [])
  const { block, index } = writer.end()
  const indexAt = writer.indexAt
  return { bytes: Buffer.concat([magic, ...blocks, ...block === null ? [] : [block], index]), index, indexAt }
}

const rowAt = (bytes: Uint8Array, index: SegmentIndex, position: number) => {
  const place = index.block(index.blockOf(position))
  return rowsOf(place, bytes.subarray(place.offset, place.offset + place.bytes))?.[position - place.first]
}

/** Rows that compress, rows that do not, rows of nothing, and rows larger than a block. */
const rows = FastCheck.array(
  FastCheck.oneof(
    FastCheck.uint8Array({ maxLength: 300 }),
    FastCheck.nat(20_000).map((length) => new Uint8Array(length).fill(length)),
    FastCheck.constant(Buffer.alloc(blockBytesMax + 10, "row"))
  ),
  { minLength: 1, maxLength: 60 }
)

describe("a segment", () => {
  it("Z1 gives back every row, whichever is asked for first", () => {
    FastCheck.assert(
      FastCheck.property(rows, (rows) => {
        const { bytes, index: indexBytes, indexAt } = written(rows)
        assert.deepStrictEqual([...bytes.subarray(indexAt)], [...indexBytes])
        const index = new SegmentIndex(indexBytes)
        assert.deepStrictEqual([index.first, index.events], [first, rows.length])
        for (let n = rows.length - 1; n >= 0; n--) {
          assert.strictEqual(Buffer.compare(rowAt(bytes, index, first + n)!, rows[n]!), 0)
        }
        for (let n = 0; n < index.blocks - 1; n++) assert.isAtLeast(index.block(n).plainBytes, blockBytesMax)
      }),
      { numRuns: 60 }
    )
  })

  it("Z1 weighs less than its rows where they repeat, and hardly more where they do not", () => {
    const same = written(Array.from({ length: 500 }, (_, n) => Buffer.from(`did:key:zAda ${n} ${"tea ".repeat(100)}`)))
    assert.isBelow(same.bytes.length, 500 * 400 / 10)
    const noise = Array.from(
      { length: 50 },
      (_, n) => FastCheck.sample(FastCheck.uint8Array({ minLength: 900 }), n + 1)[n]!
    )
    const plain = noise.reduce((sum, { length }) => sum + 4 + length, 0)
    assert.isBelow(written(noise).bytes.length, plain + 200)
  })

  it("Z2 notices any byte that was changed", () => {
    const given = Array.from({ length: 40 }, (_, n) => Buffer.alloc(5_000, `row ${n} `))
    const { bytes, index: indexBytes, indexAt } = written(given)
    const digest = digestOf(indexBytes)
    const index = new SegmentIndex(indexBytes)
    assert.isAbove(index.blocks, 2)
    for (let at = magic.length; at < bytes.length; at += at < indexAt ? 7 : 1) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      if (at >= indexAt) {
        assert.notStrictEqual(Buffer.compare(digestOf(changed.subarray(indexAt)), digest), 0)
        continue
      }
      const read = given.map((_, n) => rowAt(changed, index, first + n))
      assert.include(read, undefined, `byte ${at}`)
    }
  })

  it("Z2 notices a block in the place of another, and an index that is cut off", () => {
    const { bytes, index: indexBytes } = written(Array.from({ length: 40 }, (_, n) => Buffer.alloc(5_000, `row ${n}`)))
    const index = new SegmentIndex(indexBytes)
    const [one, two] = [index.block(0), index.block(1)]
    assert.isNull(rowsOf(one, bytes.subarray(two.offset, two.offset + two.bytes)))
    const short = indexBytes.subarray(0, indexBytes.length - 52)
    assert.notStrictEqual(Buffer.compare(digestOf(short), digestOf(indexBytes)), 0)
  })
})
