/** Which ranges are archived. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { type Bound, plan, type Range, segmentLimits, sizeAt } from "./ArchivePlan.ts"
import { nameOf, type Segment } from "./SegmentCatalogue.ts"

const segment = ({ first, last }: { readonly first: number; readonly last: number }): Segment => ({
  first,
  last,
  name: nameOf(first, last),
  bytes: 1,
  indexAt: 1,
  digest: new Uint8Array(32),
  archivedAt: 0
})

/** A log of so many events that weigh 10 bytes each, stated one a millisecond. */
const planned = (
  events: number,
  archived: ReadonlyArray<Segment>,
  bound: Bound,
  limits: { readonly eventsMax: number; readonly bytesMax: number }
): ReadonlyArray<Range> =>
  Effect.runSync(plan(
    ({ values }) => {
      if (values === undefined) return Effect.succeed([[events]])
      const [first, last] = values as [number, number]
      return Effect.succeed([[(last - first + 1) * 10, last]])
    },
    archived,
    bound,
    limits
  ))

const limits = { eventsMax: 64, bytesMax: 1e9 }
const everything: Bound = { position: Infinity }

describe("what is archived", () => {
  it("L1 is a subtree of the log's tree, wherever a range begins", () => {
    FastCheck.assert(FastCheck.property(FastCheck.nat(5_000), (events) => {
      const ranges = planned(events, [], everything, limits)
      for (const { first, last } of ranges) {
        const size = last - first + 1
        assert.isTrue(Number.isInteger(Math.log2(size)) && (first - 1) % size === 0)
      }
      assert.strictEqual(ranges.at(-1)?.last ?? 0, events - events % 64)
    }))
    assert.strictEqual(sizeAt(1, segmentLimits.eventsMax), 65_536)
    assert.strictEqual(sizeAt(65_537, segmentLimits.eventsMax), 65_536)
    assert.strictEqual(sizeAt(32_769, segmentLimits.eventsMax), 32_768)
  })

  it("L1 goes on where the last segment ends, and fills what was restored", () => {
    const archived = [segment({ first: 1, last: 64 }), segment({ first: 129, last: 144 })]
    const ranges = planned(300, archived, everything, limits).map(({ first, last }) => [first, last])
    assert.deepStrictEqual(ranges, [[65, 128], [145, 160], [161, 192], [193, 256]])
  })

  it("L2 lies before the bound, be it a position or a time", () => {
    assert.deepStrictEqual(planned(1_000, [], { position: 129 }, limits).map(({ last }) => last), [64, 128])
    assert.deepStrictEqual(planned(1_000, [], { position: 128 }, limits).map(({ last }) => last), [64])
    assert.deepStrictEqual(planned(1_000, [], { at: 129 }, limits).map(({ last }) => last), [64, 128])
    assert.deepStrictEqual(planned(1_000, [], { at: 128 }, limits).map(({ last }) => last), [64])
    assert.deepStrictEqual(planned(63, [], everything, limits), [])
  })

  it("L2 weighs no more than it may", () => {
    for (const { bytes, first, last } of planned(1_000, [], everything, { eventsMax: 64, bytesMax: 350 })) {
      assert.isAtMost(bytes, 350)
      assert.deepStrictEqual([last - first + 1, bytes], [32, 320])
    }
    // A few that are heavy alone are a segment all the same.
    const heavy = planned(64, [], everything, { eventsMax: 64, bytesMax: 1 })
    assert.deepStrictEqual(heavy.map(({ first }) => first), [1, 17, 33, 49])
  })
})
