/**
 * Moves what old ranges of the log carry out of the database into sealed segments, and back.
 *
 * W1  Rows give up their payload only after the segment was written, flushed, read back whole, found to be what was hashed and what
 *     a witness vouches for; the markers and the catalogue's row are one transaction.
 * W2  Cut off anywhere (a `kill -9` included) nothing is lost and nothing half: it is run again, and goes on.
 * W3  A restored segment is the rows it was, byte for byte, and its file is gone.
 * W4  Two never archive at once; appending and reading go on meanwhile.
 * W5  What is damaged is told by name and position, and nothing is restored out of it.
 */
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as ArchivePlan from "./ArchivePlan.ts"
import type { RecordedEvent } from "./EventStore.ts"
import { EventStoreError, type SegmentDamaged } from "./EventStoreError.ts"
import { byteaArray, int8Array } from "./PostgresArrays.ts"
import * as PostgresSession from "./PostgresSession.ts"
import { locks } from "./PostgresTables.ts"
import * as SegmentCatalogue from "./SegmentCatalogue.ts"
import * as SegmentFile from "./SegmentFile.ts"
import { SegmentReader } from "./SegmentReader.ts"
import type { SegmentStore, SegmentUnreadable } from "./SegmentStore.ts"

type Segment = SegmentCatalogue.Segment

/** It cannot be done as asked; nothing was touched. */
export class ArchiveRefused extends Data.TaggedError("ArchiveRefused")<{ readonly message: string }> {}

export type ArchiveError = ArchiveRefused | EventStoreError

export interface Ground {
  readonly url: Redacted.Redacted<string>
  readonly segments: Context.Tag.Service<SegmentStore>
}

export interface Archiving {
  readonly bound: ArchivePlan.Bound
  readonly limits: ArchivePlan.SegmentLimits
  /** Says whether these are the hashes of the events from `first` on; fails with why not. */
  readonly vouch: (first: number, hashes: ReadonlyArray<Uint8Array>) => Effect.Effect<void, ArchiveRefused>
  /** Told when a segment is done: events so far, of so many. */
  readonly report: (done: number, total: number) => Effect.Effect<void>
}

/** A segment as it is found: `trouble` says why it cannot be relied on. */
export interface Found extends Segment {
  readonly trouble: string | null
}

interface Work {
  readonly session: PostgresSession.Session
  readonly pool: PostgresSession.Pool
  readonly store: Ground["segments"]
}

/** So often is the table vacuumed on the way, with so many segments between: each time costs a walk through every index. */
const vacuumsMax = 8
const betweenVacuumsMin = 8

const settings = [
  "set enable_seqscan = off; set jit = off",
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
]

const failing = <A, E extends PostgresSession.SessionError | SegmentDamaged | SegmentUnreadable, R>(
  work: Effect.Effect<A, E | ArchiveRefused, R>
): Effect.Effect<A, ArchiveError, R> =>
  Effect.mapError(work, (cause) => cause instanceof ArchiveRefused ? cause : new EventStoreError({ doing, cause }))
const doing = "archive"

/** Nobody else is at it while the scope lasts; who died holds nothing. */
const begin = (
  { segments, url }: Ground
): Effect.Effect<Work, PostgresSession.SessionError | ArchiveRefused, Scope.Scope> =>
  Effect.gen(function*() {
    const session = yield* PostgresSession.open(url, "archive", settings, PostgresSession.unhurried)
    const [row] = yield* session.ask({ text: `select pg_try_advisory_lock(${locks.space}, ${locks.archive})` })
    if (row![0] !== true) return yield* new ArchiveRefused({ message: "the archive is being worked on already" })
    return { session, pool: yield* PostgresSession.pool(url, "archive reader", 1), store: segments }
  })

/** What would be archived. */
export const plan = Effect.fn("PostgresArchive.plan")(
  (ground: Ground, { bound, limits }: Pick<Archiving, "bound" | "limits">) =>
    Effect.gen(function*() {
      const { session } = yield* begin(ground)
      return yield* ArchivePlan.plan(session.ask, yield* SegmentCatalogue.segments(session.ask), bound, limits)
    }).pipe(Effect.scoped, failing)
)

/** Archives all that the bound lets, and answers the segments it made. */
export const archive = Effect.fn("PostgresArchive.archive")((ground: Ground, options: Archiving) =>
  Effect.gen(function*() {
    const work = yield* begin(ground)
    const known = yield* SegmentCatalogue.segments(work.session.ask)
    const ranges = yield* ArchivePlan.plan(work.session.ask, known, options.bound, options.limits)
    const total = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    const made: Array<Omit<Segment, "archivedAt">> = []
    const vacuumEvery = Math.max(betweenVacuumsMin, Math.ceil(ranges.length / vacuumsMax))
    let done = 0
    for (const range of ranges) {
      made.push(yield* one(work, range, options.vouch))
      done += range.last - range.first + 1
      // The next markers find room where the last ones gave it up; by itself the server would look for it much later.
      if (made.length % vacuumEvery === 0 || made.length === ranges.length) {
        yield* work.session.ask({ text: "vacuum event" })
      }
      yield* options.report(done, total)
    }
    return made
  }).pipe(Effect.scoped, failing)
)

const one = (work: Work, range: ArchivePlan.Range, vouch: Archiving["vouch"]) =>
  Effect.gen(function*() {
    const { pool, session, store } = work
    const segment = { ...(yield* SegmentFile.write(pool, store, range)), archivedAt: 0 }
    const hashes: Array<Uint8Array> = []
    yield* Stream.runForEach(SegmentFile.events(store, segment), (events) =>
      Effect.sync(() => {
        for (const { hash } of events) hashes.push(hash)
      })).pipe(
        Effect.zipRight(Effect.suspend(() => vouch(segment.first, hashes))),
        // Nothing refers to it yet. Behind this nobody may remove it: whoever loses the connection cannot know.
        Effect.onError(() => Effect.ignore(store.remove(segment.name)))
      )
    yield* inOne(session, leave(session, segment, hashes))
    return segment
  })

/** All of it or nothing, also when it is interrupted. */
const inOne = <A, E>(session: PostgresSession.Session, work: Effect.Effect<A, E>) =>
  Effect.uninterruptible(Effect.gen(function*() {
    yield* session.ask({ text: "begin; select set_config('vivim.archive', 'on', true)" })
    const result = yield* Effect.tapErrorCause(work, () => Effect.ignore(session.ask({ text: "rollback" })))
    yield* session.ask({ text: "commit" })
    return result
  }))

/** The rows become markers, if they are still what the segment holds. */
const leave = (session: PostgresSession.Session, segment: Segment, hashes: ReadonlyArray<Uint8Array>) =>
  Effect.gen(function*() {
    const { bytes, digest, first, indexAt, last, name } = segment
    const [row] = yield* session.ask({
      text: `with marker as (
          update event set previous_hash = '', meta = '', routing = '', private = ''
          where position between $1 and $2 and previous_hash <> '' returning position, hash
        ) select count(*), string_agg(hash, ''::bytea order by position) from marker`,
      values: [first, last]
    })
    if (row![0] !== hashes.length || Buffer.compare(row![1], Buffer.concat(hashes)) !== 0) {
      return yield* new ArchiveRefused({
        message: `the events ${first} to ${last} in the table are not those that were read a moment ago`
      })
    }
    yield* session.ask({
      text: "insert into event_segment (first, last, name, bytes, index_at, digest) values ($1, $2, $3, $4, $5, $6)",
      values: [first, last, name, bytes, indexAt, Buffer.from(digest)]
    })
  })

/** Puts the segment that begins with this position back into the table, and answers it. */
export const restore = Effect.fn("PostgresArchive.restore")(
  (ground: Ground, first: number, report: Archiving["report"]) =>
    Effect.gen(function*() {
      const { session, store } = yield* begin(ground)
      const segment = (yield* SegmentCatalogue.segments(session.ask)).find((one) => one.first === first)
      if (segment === undefined) {
        return yield* new ArchiveRefused({ message: `no archived segment begins with position ${first}` })
      }
      const total = segment.last - first + 1
      yield* inOne(
        session,
        Effect.zipRight(
          Stream.runForEach(SegmentFile.events(store, segment), (events) =>
            Effect.zipRight(fill(session, events), report(events.at(-1)!.position - first + 1, total))),
          session.ask({ text: "delete from event_segment where first = $1", values: [first] })
        )
      )
      yield* store.remove(segment.name)
      return segment
    }).pipe(Effect.scoped, failing)
)

const fill = (session: PostgresSession.Session, events: ReadonlyArray<RecordedEvent>) =>
  Effect.gen(function*() {
    const [row] = yield* session.ask({
      name: "fill",
      text: `with filled as (
          update event set previous_hash = s.previous_hash, meta = s.meta, routing = s.routing, private = s.private
          from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])
            s(position, hash, previous_hash, meta, routing, private)
          where event.position = s.position and event.hash = s.hash and event.previous_hash = '' returning 1
        ) select count(*) from filled`,
      values: [
        int8Array(events, ({ position }) => position),
        byteaArray(events, ({ hash }) => hash),
        byteaArray(events, ({ previousHash }) => previousHash),
        byteaArray(events, ({ meta }) => meta),
        byteaArray(events, ({ routing }) => routing),
        byteaArray(events, (event) => event.private)
      ]
    })
    if (row![0] !== events.length) {
      return yield* new ArchiveRefused({
        message: `the table has other events than the segment between ${events[0]!.position} and ${
          events.at(-1)!.position
        }`
      })
    }
  })

/** Every segment of the catalogue, looked at: whether it is there, as long as it was, with the index that was written. */
export const list = Effect.fn("PostgresArchive.list")(({ segments, url }: Ground) =>
  Effect.gen(function*() {
    const session = yield* PostgresSession.open(url, "archive", settings, PostgresSession.unhurried)
    const reader = new SegmentReader(segments, 0)
    const kept = new Map((yield* segments.list).map(({ bytes, name }) => [name, bytes]))
    return yield* Effect.forEach(
      yield* SegmentCatalogue.segments(session.ask),
      (segment): Effect.Effect<Found> => {
        const bytes = kept.get(segment.name)
        const trouble = bytes !== undefined && bytes !== segment.bytes
          ? Effect.succeed(`it has ${bytes} bytes, and had ${segment.bytes} when it was written`)
          : Effect.match(reader.index(segment), { onFailure: ({ problem }) => problem, onSuccess: () => null })
        return Effect.map(trouble, (trouble) => ({ ...segment, trouble }))
      },
      { concurrency: 4 }
    )
  }).pipe(Effect.scoped, failing)
)
