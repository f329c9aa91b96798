/**
 * Which ranges of the log are to be archived: whole, as large as they may be, and each a subtree of the log's Merkle tree.
 *
 * L1  A range of 2^k events begins at a multiple of 2^k: its Merkle root is a node of the tree, and what a signed head says of it
 *     can be shown without any other event.
 * L2  No range reaches beyond the bound, into another segment, or beyond what a segment may weigh; what is too little for a
 *     segment stays where it is.
 */
import * as Effect from "effect/Effect"
import type { Question, Rows, SessionError } from "./PostgresSession.ts"
import type { Segment } from "./SegmentCatalogue.ts"

/** What is older: every event before a position, or whatever lies before the first one that was stated at this time or later. */
export type Bound = { readonly position: number } | { readonly at: number }

export interface SegmentLimits {
  /** A power of two. */
  readonly eventsMax: number
  /** Bytes of what the events carry, unless a few alone are more. */
  readonly bytesMax: number
}

/** 65,536 events: two levels of tiles of the tree. A file of a few dozen megabytes, and thousands of them for 10^9 events. */
export const segmentLimits: SegmentLimits = { eventsMax: 65_536, bytesMax: 256 * 1024 * 1024 }

export interface Range {
  readonly first: number
  readonly last: number
  /** What its events carry. */
  readonly bytes: number
}

/** A segment is never cut smaller than this because of its weight. */
const eventsMin = 16

/** The largest range of 2^k events that may begin here. */
export const sizeAt = (first: number, eventsMax: number): number => {
  let size = eventsMax
  while ((first - 1) % size !== 0) size /= 2
  return size
}

/** The first position of which no segment is known, and where the next segment begins. */
const gapAfter = (archived: ReadonlyArray<Segment>, position: number): { first: number; end: number } => {
  let first = position
  for (const segment of archived) {
    if (segment.first > first) return { first, end: segment.first }
    if (segment.last >= first) first = segment.last + 1
  }
  return { first, end: Infinity }
}

type Ask = (question: Question) => Effect.Effect<Rows, SessionError>

const weigh = (ask: Ask, first: number, last: number) =>
  Effect.map(
    ask({
      name: "weigh",
      text:
        `select coalesce(sum(octet_length(meta) + octet_length(routing) + octet_length(private)), 0)::bigint, max(at)
        from event where position between $1 and $2`,
      values: [first, last]
    }),
    ([row]) => ({ bytes: row![0] as number, newest: row![1] as number })
  )

/** In the order of the log. */
export const plan = (
  ask: Ask,
  archived: ReadonlyArray<Segment>,
  bound: Bound,
  { bytesMax, eventsMax }: SegmentLimits
): Effect.Effect<ReadonlyArray<Range>, SessionError> =>
  Effect.gen(function*() {
    const [log] = yield* ask({ text: "select last_position from log" })
    const end = Math.min(log![0], "position" in bound ? bound.position - 1 : Infinity)
    const ranges: Array<Range> = []
    let gap = gapAfter(archived, 1)
    let size = sizeAt(gap.first, eventsMax)
    while (gap.first <= end) {
      const { first } = gap
      const last = first + size - 1
      if (last >= gap.end) {
        size /= 2
        continue
      }
      // The range at the end grows until it is worth a segment.
      if (last > end) break
      const { bytes, newest } = yield* weigh(ask, first, last)
      if (bytes > bytesMax && size > eventsMin) {
        size /= 2
        continue
      }
      if ("at" in bound && newest >= bound.at) break
      ranges.push({ first, last, bytes })
      gap = gapAfter(archived, last + 1)
      size = sizeAt(gap.first, eventsMax)
    }
    return ranges
  })
