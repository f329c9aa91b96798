/** Event stores that each break one promise, to see that the laws notice: a law that cannot fail is no law. */
import type { EventStore, NewEvent } from "@vivim/event-store/EventStore"
import { stated } from "@vivim/event-store/Stated"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { newId, type Store } from "./Events.ts"

export interface Broken {
  readonly promise: string
  readonly how: string
  readonly break: (store: Store) => Store
}

type Events = Parameters<EventStore["Type"]["append"]>[2]

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => i === 0 ? byte ^ 1 : byte)

export const brokenStores: ReadonlyArray<Broken> = [
  {
    promise: "S1",
    how: "a stream is read newest first",
    break: (store) => ({
      ...store,
      read: (stream, after) =>
        Stream.unwrap(
          Effect.map(Stream.runCollect(store.read(stream, after)), (events) =>
            Stream.fromIterable([...events].toReversed()))
        )
    })
  },
  {
    promise: "S2",
    how: "the expected version is not looked at",
    break: (store) => ({ ...store, append: (stream, _, events) => store.append(stream, "any", events) })
  },
  {
    promise: "S3",
    how: "every tenth position is left out",
    break: (store) => {
      const spread = (position: number) => position + Math.floor(position / 10)
      return {
        ...store,
        readAll: (after, options) =>
          Stream.map(store.readAll(after, options), (event) => ({ ...event, position: spread(event.position) }))
      }
    }
  },
  {
    promise: "S4",
    how: "each append is taken for a new one",
    break: (store) => ({
      ...store,
      append: (stream, expected, events) =>
        store.append(
          stream,
          expected,
          events.map((event: NewEvent) => ({ ...event, id: newId() })) as unknown as Events
        )
    })
  },
  {
    promise: "S5",
    how: "what is written between the past and the future is missed",
    break: (store) => ({
      ...store,
      follow: (after, options) =>
        Stream.concat(
          Stream.map(Stream.fromEffect(Stream.runCollect(store.readAll(after, options))), (events) => [...events]),
          Stream.unwrap(Effect.delay(Effect.map(store.head, (head) => store.follow(head, options)), 5))
        )
    })
  },
  {
    promise: "S5",
    how: "events come twice to who follows",
    break: (store) => ({
      ...store,
      follow: (after, options) => Stream.map(store.follow(after, options), (events) => [...events, ...events])
    })
  },
  {
    promise: "S6",
    how: "a hash does not cover what was kept",
    break: (store) => ({
      ...store,
      readAll: (after, options) =>
        Stream.map(store.readAll(after, options), (event) => ({ ...event, routing: flipped(event.routing) }))
    })
  },
  {
    promise: "S7",
    how: "a large append is kept in two",
    break: (store) => ({
      ...store,
      append: (stream, expected, events) =>
        events.length <= 600
          ? store.append(stream, expected, events)
          : Effect.zipRight(
            store.append(stream, expected, events.slice(0, 600) as unknown as Events),
            store.append(stream, "any", events.slice(600) as unknown as Events)
          )
    })
  },
  {
    promise: "S8",
    how: "each append is judged by itself",
    break: (store) => {
      const one = Effect.unsafeMakeSemaphore(1)
      return {
        ...store,
        append: (stream, expected, events) => one.withPermits(1)(store.append(stream, expected, events))
      }
    }
  },
  {
    promise: "S9",
    how: "what an event brought open is handed to whoever reads",
    break: (store) => ({
      ...store,
      read: (stream, after) => Stream.map(store.read(stream, after), (event) => ({ ...event, [stated]: {} }))
    })
  }
]
