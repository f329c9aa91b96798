/**
 * The event store on PostgreSQL 15 or newer: one committer and a few readers per process, all started and stopped together.
 * Any number of processes may stand on one database; the promises S1-S7 hold across them.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { AppendQueue, isWaiting, type QueueLimits, queueLimits } from "./AppendQueue.ts"
import { accept, type AppendLimits, appendLimits } from "./AppendRules.ts"
import { type Appended, type AppendError, EventStore } from "./EventStore.ts"
import type { EventStoreError } from "./EventStoreError.ts"
import { LogTail, type TailLimits, tailLimits } from "./LogTail.ts"
import * as PostgresCommitter from "./PostgresCommitter.ts"
import { migrate } from "./PostgresMigration.ts"
import * as PostgresReader from "./PostgresReader.ts"
import * as PostgresSession from "./PostgresSession.ts"
import { type PipelineLimits, pipelineLimits } from "./RoundPipeline.ts"
import { SegmentReader } from "./SegmentReader.ts"
import type { SegmentStore } from "./SegmentStore.ts"

/** Everything but the address has a default that suits one node. */
export interface Options {
  /** `postgres://user:password@host:port/database` */
  readonly url: Redacted.Redacted<string>
  /** What one append may hold. */
  readonly append?: Partial<AppendLimits>
  /** How many appends may be under way. */
  readonly queue?: Partial<QueueLimits>
  /** How much of the log's end is kept in memory for those who follow it. */
  readonly tail?: Partial<TailLimits>
  /** What one read of the database brings. */
  readonly page?: Partial<PostgresReader.PageLimits>
  /** Where archived ranges of the log are read from. */
  readonly segments?: Context.Tag.Service<SegmentStore>
  /** Bytes of archived events kept in memory for who reads them next. */
  readonly segmentBytesMax?: number
  /** Connections for reading. */
  readonly readersMax?: number
  /** Streams whose heads are remembered, to save looking them up. */
  readonly headsMax?: number
  /** How many rounds are under way at once, and what is worth one of its own while another is being committed. */
  readonly pipeline?: Partial<PipelineLimits>
  /** How long the database may take, in milliseconds. */
  readonly patience?: Parameters<typeof PostgresSession.patient>[0]
  /** How long an append waits for a database that is away, in milliseconds. */
  readonly awayMsMax?: number
  /** How often the log is looked at in case a notification was lost, in milliseconds. */
  readonly lookMs?: number
}

const make = Effect.fnUntraced(function*(options: Options) {
  const { url } = options
  const patience = PostgresSession.patient(options.patience)
  const clock = yield* Effect.clock
  yield* migrate(url)
  const pool = yield* PostgresSession.pool(url, "reader", options.readersMax ?? 4, patience)
  const segments = new SegmentReader(options.segments ?? null, options.segmentBytesMax ?? 16 * 1024 * 1024)
  const page = { eventsMax: 1_000, bytesMax: 4 * 1024 * 1024, ...options.page }
  const reader = PostgresReader.make(pool, page, segments)
  const tail = new LogTail(reader.page, yield* reader.head, { ...tailLimits, ...options.tail })
  const queue = new AppendQueue({ ...queueLimits, ...options.queue })
  const limits = { ...appendLimits, ...options.append }

  yield* Effect.forkScoped(tail.read)
  yield* Effect.forkScoped(
    PostgresCommitter.run(queue, {
      url,
      headsMax: options.headsMax ?? 50_000,
      pipeline: { ...pipelineLimits, ...options.pipeline },
      patience,
      awayMsMax: options.awayMsMax ?? 5_000,
      lookMs: options.lookMs ?? 5_000,
      kept: (events) => tail.committed(events),
      heard: (position) => tail.heard(position)
    })
  )

  return EventStore.of({
    // Untraced: a span of its own would cost more than the append. The caller's span covers it.
    append: (stream, expected, events) =>
      Effect.flatMap(accept(stream, events, limits), (accepted) =>
        Effect.async<Appended, AppendError>((resume) => {
          const offered = queue.offer(stream, expected, accepted, clock.unsafeCurrentTimeMillis(), resume)
          if (!isWaiting(offered)) return resume(Effect.fail(offered))
          return Effect.sync(() => queue.abandon(offered))
        })),
    read: (stream, after = 0) => reader.read(stream, after),
    readAll: reader.readAll,
    follow: (after, options) => tail.follow(after, options?.filter),
    find: reader.find,
    streamHead: reader.streamHead,
    head: reader.head
  })
})

export const layer = (options: Options): Layer.Layer<EventStore, EventStoreError> =>
  Layer.scoped(EventStore, make(options))
