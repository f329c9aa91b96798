/**
 * The one writer of this process: whatever waits when the previous commit returns travels as one call in one transaction.
 *
 * C1  An idle node commits a single append at once; a busy one in large rounds. There is no timer.
 * C2  Several processes on one database give one history: a round that believed in a stale head loses only the stream concerned,
 *     and is planned again; one that keeps missing takes the lock before it looks.
 * C3  When the connection is lost, what was on its way fails as unknown, nothing cached is believed, and what only waited goes on.
 * C4  While the database is away an append waits a bounded time, then fails.
 * C5  What other processes commit is heard at once, and again without being asked after the database was away. A notification is only
 *     a hint: where the log stands is asked at every connection and now and then, so a lost one costs time, never an event.
 *
 * The session listens as well as writes: a process alone on its database then wakes nobody with its own notifications.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as AppendPlan from "./AppendPlan.ts"
import type { AppendQueue, Waiting } from "./AppendQueue.ts"
import type { RecordedEvent } from "./EventStore.ts"
import * as PostgresAppend from "./PostgresAppend.ts"
import * as PostgresFind from "./PostgresFind.ts"
import * as PostgresRound from "./PostgresRound.ts"
import * as PostgresSession from "./PostgresSession.ts"
import * as RoundAnswers from "./RoundAnswers.ts"
import {
  missesMax,
  type PipelineLimits,
  roundAppendsMax,
  roundBytesMax,
  RoundPipeline,
  taken
} from "./RoundPipeline.ts"
import { StreamHeads } from "./StreamHeads.ts"

export interface CommitterOptions {
  readonly url: Redacted.Redacted<string>
  /** Streams whose heads are remembered. */
  readonly headsMax: number
  readonly pipeline: PipelineLimits
  readonly patience: PostgresSession.Patience
  /** How long an append waits for a database that is away. */
  readonly awayMsMax: number
  /** Between two looks at where the log stands, when nothing else is asked, in milliseconds. */
  readonly lookMs: number
  /** Hears of every round of this process, in the order of the log. */
  readonly kept: (events: ReadonlyArray<RecordedEvent>) => void
  /** Hears how far the log reaches when others wrote to it. */
  readonly heard: (position: number) => void
}

const backoffMsMax = 1_000
const lookMsMax = 3_000

interface Committer extends RoundAnswers.Writer {
  readonly options: CommitterOptions
  readonly now: () => number
  /** Attempts to connect since the last one that succeeded. */
  attempts: number
}

/** Commits what comes into the queue until it is interrupted; then whatever still waits fails. */
export const run = (queue: AppendQueue, options: CommitterOptions): Effect.Effect<never> =>
  Effect.flatMap(Effect.clock, (clock) => {
    const heads = new StreamHeads(options.headsMax)
    const committer: Committer = {
      options,
      queue,
      heads,
      kept: options.kept,
      now: () => clock.unsafeCurrentTimeMillis(),
      tail: null,
      alone: true,
      careful: false,
      attempts: 0
    }
    return connected(committer).pipe(
      Effect.catchAllCause((cause) => Cause.isInterruptedOnly(cause) ? Effect.interrupt : away(committer, cause)),
      Effect.forever,
      Effect.ensuring(Effect.sync(() => queue.close()))
    )
  })

/** One session's life. Rounds are not interrupted: what was sent is answered. */
const connected = (committer: Committer): Effect.Effect<never, PostgresSession.SessionError> =>
  Effect.gen(function*() {
    const { options } = committer
    committer.heads.forget()
    committer.attempts++
    const session = yield* PostgresSession.open(
      options.url,
      "committer",
      PostgresAppend.committerSettings,
      options.patience
    )
    session.client.on("notification", ({ payload, processId }) => {
      if (processId !== session.processId) options.heard(Number(payload))
    })
    yield* Effect.zipRight(PostgresRound.freeLog(session, options.patience.silentMs), PostgresRound.prepare(session))
    committer.tail = yield* look(committer, session)
    committer.attempts = 0
    const pipeline = new RoundPipeline(session, committer, committer.now, options.pipeline)
    const turns = Effect.forever(
      Effect.zipRight(pipeline.stuck, pipeline.exclusively(turn(committer, session, pipeline)))
    )
    // Alone: then no answer to a look means that the connection is gone, not that a round takes long.
    const looks = pipeline.exclusively(look(committer, session)).pipe(Effect.delay(options.lookMs), Effect.forever)
    // The first to end ends all, also by failing.
    const lost = Effect.zipRight(
      session.lost,
      new PostgresSession.SessionError({ message: "the connection is gone", code: undefined })
    )
    return yield* Effect.raceFirst(Effect.raceFirst(turns, pipeline.carrying), Effect.raceFirst(looks, lost)).pipe(
      Effect.onExit(() => pipeline.drained)
    )
  }).pipe(Effect.scoped)

const look = (
  { options }: Committer,
  session: PostgresSession.Session
): Effect.Effect<PostgresAppend.Tail, PostgresSession.SessionError> =>
  PostgresAppend.readTail(session).pipe(
    Effect.timeoutFail({
      duration: lookMsMax,
      onTimeout: () => new PostgresSession.SessionError({ message: "the server does not answer", code: undefined })
    }),
    Effect.tap(({ position }) => Effect.sync(() => options.heard(position)))
  )

const away = (committer: Committer, reason: Cause.Cause<PostgresSession.SessionError>): Effect.Effect<void> =>
  Effect.gen(function*() {
    const cause = Cause.squash(reason)
    const log = committer.attempts === 0 ? Effect.logWarning : Effect.logDebug
    yield* log("The event store lost its database; trying again until it is back.", cause)
    RoundAnswers.fail(committer, committer.queue.takeOlder(committer.now() - committer.options.awayMsMax), cause)
    yield* Effect.sleep(Math.min(backoffMsMax, 10 * 2 ** committer.attempts))
  })

/** What the pipeline could not carry. */
const turn = (
  committer: Committer,
  session: PostgresSession.Session,
  pipeline: RoundPipeline
): Effect.Effect<void, PostgresSession.SessionError> =>
  Effect.suspend(() => {
    const begun = committer.now()
    pipeline.unstick()
    const appends = committer.queue.take(roundAppendsMax, roundBytesMax)
    if (appends.length === 0) return Effect.void
    const locked = appends.some(({ misses }) => misses >= missesMax)
    return carry(committer, session, pipeline, appends, locked).pipe(
      Effect.catchAllCause((cause) => {
        const error = Cause.squash(cause)
        committer.tail = null
        if ((error as { readonly code?: string }).code === taken && !committer.careful && !locked) {
          committer.careful = true
          committer.heads.doubt()
          return Effect.succeed(true)
        }
        RoundAnswers.fail(committer, appends, error)
        return Effect.failCause(cause)
      }),
      Effect.map((here) => {
        if (!here) return
        committer.queue.putBack(appends.filter(({ outcome }) => outcome === "under way"))
        committer.queue.observe(appends.length, committer.now() - begun)
      })
    )
  })

/** False when the round went by way of the pipeline after all. */
const carry = Effect.fnUntraced(function*(
  committer: Committer,
  session: PostgresSession.Session,
  pipeline: RoundPipeline,
  appends: ReadonlyArray<Waiting>,
  locked: boolean
) {
  const { alone, heads, tail } = committer
  if (locked) yield* PostgresAppend.beginLocked(session)
  const fresh = locked ? new Set(appends.map(({ stream }) => stream)) : AppendPlan.unknownStreams(appends, heads)
  if (fresh.size > 0) {
    for (const stream of fresh) heads.drop(stream)
    for (const [stream, head] of yield* PostgresAppend.readHeads(session, fresh)) heads.learn(stream, head)
  }
  const round = AppendPlan.plan(appends, heads, fresh)
  if (round.rows.length > 0) {
    const trusted = PostgresAppend.isTrusted(round.chains, (stream) => heads.isSure(stream))
    const careful = committer.careful || locked
    if (alone && tail !== null && trusted && !careful) {
      pipeline.launch(round, appends, tail)
      return false
    }
    const outcome = yield* PostgresAppend.append(session, round, tail, trusted, careful)
    if (locked) yield* PostgresAppend.commit(session)
    RoundAnswers.settle(committer, round, outcome)
  } else {
    if (locked) yield* PostgresAppend.commit(session)
    if (round.doomed.length > 0) {
      RoundAnswers.refuse(committer, round, yield* PostgresFind.find(session, round))
    }
  }
  return true
})
