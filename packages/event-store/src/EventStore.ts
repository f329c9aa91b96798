/**
 * Where events are kept: append-only, one stream per actor, one order for all.
 *
 * S1  What is appended is read back in order, byte for byte.
 * S2  A stream that moved refuses, says where it stands, and keeps nothing of the append.
 * S3  Positions are gap-free and in commit order; an append takes consecutive ones.
 * S4  An event id is stated once: the same append again answers its first place and writes nothing, wherever the stream
 *     stands by now; any other append that brings a taken id is refused, before its expected version is looked at.
 * S5  Following sees the past, then the future, each event once and in order.
 * S6  Each event's hash covers its header, both parts and the hash before it in its stream.
 * S7  An append that is too large is refused whole, and told what is allowed.
 * S8  An append that continues one still under way (it expects the version that one is to reach) falls with it: appends to a
 *     stream can be sent one behind the other without waiting.
 * S9  An event stated with its open form reaches the followers of its process with it, and nobody else.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { AppendTooLarge, EventIdTaken, EventStoreError, Overloaded, StreamMoved } from "./EventStoreError.ts"
import * as MemoryEventStore from "./MemoryEventStore.ts"
import type { stated } from "./Stated.ts"

/** An event about to be kept: `private` is already sealed. */
export interface NewEvent {
  readonly [stated]?: object
  /** UUIDv7. The first of a command's events carries the command's id. */
  readonly id: string
  readonly type: string
  readonly schemaVersion: number
  /** DID of the account whose data this is. */
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Canonical bytes of the metadata (see `event-schemas/Meta.ts`). */
  readonly meta: Uint8Array
  /** Canonical bytes, plain. */
  readonly routing: Uint8Array
  /** Sealed bytes. */
  readonly private: Uint8Array
}

/** An event as it lies in the log. `position` counts the whole log from 1, `version` its stream from 1. */
export interface RecordedEvent extends NewEvent {
  readonly position: number
  readonly stream: string
  readonly version: number
  /** 32 bytes; all zero before the first event of a stream. */
  readonly previousHash: Uint8Array
  readonly hash: Uint8Array
}

/** Where the stream must stand: at exactly this version (0 = it must not exist), or anywhere, or anywhere but nowhere. */
export type Expected = number | "any" | "exists"

/** Where an append lies: the versions and positions run from `first…` to `last…`, without gaps. */
export interface Appended {
  readonly stream: string
  readonly firstVersion: number
  readonly lastVersion: number
  readonly firstPosition: number
  readonly lastPosition: number
  /** Hash of the last event; for a duplicate, of the one that lies there. */
  readonly hash: Uint8Array
  /** True when the same event ids lay there already: nothing was written. */
  readonly duplicate: boolean
}

/** What to read of the log; every given part must hold. `types` may end in `.*` (`circle.*`). Times are milliseconds, inclusive. */
export interface EventFilter {
  readonly stream?: string
  readonly category?: string
  readonly owner?: string
  readonly types?: ReadonlyArray<string>
  readonly since?: number
  readonly until?: number
}

export interface StreamHead {
  readonly version: number
  readonly position: number
  readonly hash: Uint8Array
}

/** The refusals of an append, and its one failure. After a failure nobody knows whether it was kept: retry with the same ids. */
export type AppendError = StreamMoved | EventIdTaken | AppendTooLarge | Overloaded | EventStoreError

export class EventStore extends Context.Tag("@vivim/event-store/EventStore")<EventStore, {
  /** All or nothing, and only where the stream stands as expected. Durable when it answers. */
  readonly append: (
    stream: string,
    expected: Expected,
    events: readonly [NewEvent, ...Array<NewEvent>]
  ) => Effect.Effect<Appended, AppendError>
  /** One stream, after a version (0 = from its beginning), in pages. */
  readonly read: (stream: string, after?: number) => Stream.Stream<RecordedEvent, EventStoreError>
  /** The log after a position up to its present end (or `upTo`), filtered, in pages. */
  readonly readAll: (
    after: number,
    options?: { readonly filter?: EventFilter; readonly upTo?: number }
  ) => Stream.Stream<RecordedEvent, EventStoreError>
  /**
   * Everything after a position, then everything to come, in batches as they were read or committed. Never ends by itself, and
   * waits while the database is away. All who follow are given the same events: they are to be read, not written to.
   */
  readonly follow: (
    after: number,
    options?: { readonly filter?: EventFilter }
  ) => Stream.Stream<ReadonlyArray<RecordedEvent>, EventStoreError>
  /** The event with this id, wherever it lies. */
  readonly find: (eventId: string) => Effect.Effect<RecordedEvent | null, EventStoreError>
  /** Where a stream stands, or null when nothing was ever appended. */
  readonly streamHead: (stream: string) => Effect.Effect<StreamHead | null, EventStoreError>
  /** The position of the newest event of the log; 0 when it is empty. */
  readonly head: Effect.Effect<number, EventStoreError>
}>() {
  /** The twin in memory, for tests and trials. */
  static readonly layerMemory: Layer.Layer<EventStore> = Layer.suspend(() =>
    Layer.effect(EventStore, MemoryEventStore.make)
  )
}
