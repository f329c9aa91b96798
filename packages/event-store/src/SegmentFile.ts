/** A segment as a whole: written out of the rows of the table, and read back event by event before anybody relies on it. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { isIntact } from "./EventHash.ts"
import { bytesOf, positionOf } from "./EventRow.ts"
import type { RecordedEvent } from "./EventStore.ts"
import type { SegmentDamaged } from "./EventStoreError.ts"
import { bounded, type PageLimits } from "./PostgresReader.ts"
import type { Pool, SessionError } from "./PostgresSession.ts"
import { nameOf, type Segment } from "./SegmentCatalogue.ts"
import { digestOf, magic, SegmentWriter } from "./SegmentFormat.ts"
import { damaged, eventAt, SegmentReader } from "./SegmentReader.ts"
import type { SegmentStore, SegmentUnreadable } from "./SegmentStore.ts"

type Store = Context.Tag.Service<SegmentStore>

/** What is held in memory while a segment is written. */
const pageLimits: PageLimits = { eventsMax: 1_000, bytesMax: 4 * 1024 * 1024 }
const pageText = bounded(["position > $1 and position <= $2"], "position", pageLimits)

/** Copies the rows of a range, as they lie, into a segment. */
export const write = (
  pool: Pool,
  store: Store,
  { first, last }: { readonly first: number; readonly last: number }
): Effect.Effect<Omit<Segment, "archivedAt">, SessionError | SegmentUnreadable> =>
  Effect.gen(function*() {
    const writer = new SegmentWriter(first)
    let index: Uint8Array = new Uint8Array(0)
    const blocks = Stream.paginateEffect(first - 1, (after) =>
      Effect.map(
        pool.rows({ name: "segment", text: pageText, values: [after, last] }, bytesOf),
        (rows) => {
          const full = rows.flatMap((row) => writer.take(row) ?? [])
          const end = rows.length === 0 ? null : positionOf(rows.at(-1)!)
          return [full, end === null || end >= last ? Option.none() : Option.some(end)] as const
        }
      ))
    const rest = Stream.suspend(() => {
      const end = writer.end()
      index = end.index
      return Stream.fromIterable(end.block === null ? [index] : [end.block, index])
    })
    const bytes = Stream.make(magic).pipe(Stream.concat(Stream.flattenIterables(blocks)), Stream.concat(rest))
    const name = nameOf(first, last)
    const written = yield* store.put(name, bytes)
    return { first, last, name, bytes: written, indexAt: written - index.length, digest: digestOf(index) }
  })

/**
 * Every event of a segment, read out of the store and not out of memory: whole, in order, each as it was hashed, each the next of its
 * stream as far as the segment tells.
 */
export const events = (
  store: Store,
  segment: Segment
): Stream.Stream<ReadonlyArray<RecordedEvent>, SegmentDamaged> =>
  Stream.suspend(() => {
    const reader = new SegmentReader(store, 0)
    const heads = new Map<string, RecordedEvent>()
    const problemOf = (event: RecordedEvent, position: number): string | null => {
      const before = heads.get(event.stream)
      heads.set(event.stream, event)
      if (event.position !== position) return `has position ${event.position} in its place`
      if (!isIntact(event)) return "holds it with another hash than it had"
      if (before === undefined) return null
      return event.version === before.version + 1 && Buffer.compare(event.previousHash, before.hash) === 0
        ? null
        : "holds it behind another event of its stream"
    }
    return Stream.unwrap(Effect.map(reader.index(segment), (index) =>
      Stream.paginateEffect(segment.first, (position) =>
        Effect.flatMap(reader.block(segment, position), (block) => {
          const end = block.first + block.rows.length
          const found: Array<RecordedEvent> = []
          for (let at = position; at < end; at++) {
            const event = eventAt(block, at)
            const problem = problemOf(event, at)
            if (problem !== null) {
              return damaged(segment, at, problem)
            }
            found.push(event)
          }
          return Effect.succeed([found, end > segment.last ? Option.none() : Option.some(end)] as const)
        })).pipe(
          (all) =>
            index.first === segment.first && index.events === segment.last - segment.first + 1
              ? all
              : Stream.fail(damaged(segment, segment.first, `holds ${index.events} events from ${index.first} on`))
        )))
  })
