/**
 * Reads the log for whoever works on it in batches: views and processes.
 *
 * B1  What is there is read by its types alone, and the end is told even where nothing of them lies near it.
 * B2  What is committed while the batch before is worked on waits, bounded, and is taken together: a busy log makes large batches.
 * B3  Each event once and in order, past and future; a batch that fails ends the reading.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EventStore, RecordedEvent } from "./EventStore.ts"
import type { EventStoreError } from "./EventStoreError.ts"

type Store = Context.Tag.Service<EventStore>

/** Takes some events; everything up to `upTo` has been handed over then. */
export type Take<E, R> = (events: ReadonlyArray<RecordedEvent>, upTo: number) => Effect.Effect<void, E, R>

/** What lies between two positions, of some types. */
export const past = <E, R>(
  eventStore: Store,
  { after, batchMax, types, upTo }: {
    readonly after: number
    readonly upTo: number
    readonly types: ReadonlyArray<string>
    readonly batchMax: number
  },
  take: Take<E, R>
): Effect.Effect<void, E | EventStoreError, R> =>
  after >= upTo ? Effect.void : eventStore.readAll(after, { filter: { types }, upTo }).pipe(
    Stream.grouped(batchMax),
    Stream.runForEach((chunk) => {
      const batch = [...chunk]
      return take(batch, batch.at(-1)!.position)
    }),
    Effect.zipRight(take([], upTo))
  )

/** Everything after a position, of any type, as it comes. What is not taken yet waits in the log's own window, and nowhere else. */
export const live = <E, R>(
  eventStore: Store,
  { after, batchMax }: { readonly after: number; readonly batchMax: number },
  take: Take<E, R>
): Effect.Effect<never, E | EventStoreError, R> =>
  Effect.zipRight(
    Stream.runForEach(eventStore.follow(after), (events) =>
      Effect.forEach(batchesOf(events, batchMax), (batch) =>
        take(batch, batch.at(-1)!.position), { discard: true })),
    Effect.never
  )

const batchesOf = <A>(events: ReadonlyArray<A>, max: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(events.length / max) }, (_, i) => events.slice(i * max, (i + 1) * max))
