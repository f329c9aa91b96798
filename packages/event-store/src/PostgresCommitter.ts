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
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as AppendPlan from "./AppendPlan.ts"
import type { AppendQueue, Waiting } from "./AppendQueue.ts"
import type { Appended, RecordedEvent } from "./EventStore.ts"
import { EventIdTaken, EventStoreError, streamMoved } from "./EventStoreError.ts"
import * as PostgresAppend from "./PostgresAppend.ts"
import * as PostgresFind from "./PostgresFind.ts"
import * as PostgresRound from "./PostgresRound.ts"
import * as PostgresSession from "./PostgresSession.ts"
import { StreamHeads } from "./StreamHeads.ts"

export interface CommitterOptions {
  readonly url: Redacted.Redacted<string>
  /** Streams whose heads are remembered. */
  readonly headsMax: number
  /** How long an append waits for a database that is away. */
  readonly awayMsMax: number
  /** Between two looks at where the log stands, when nothing else is asked, in milliseconds. */
  readonly lookMs: number
  /** Hears of every round of this process, in the order of the log. */
  readonly kept: (events: ReadonlyArray<RecordedEvent>) => void
  /** Hears how far the log reaches when others wrote to it. */
  readonly heard: (position: number) => void
}

/** What one round may carry. */
const roundAppendsMax = 2_000
const roundBytesMax = 8 * 1024 * 1024
/** So often may an append miss its stream's head before the round takes the lock first. */
const missesMax = 3
const backoffMsMax = 1_000
const lookMsMax = 3_000

interface Committer {
  readonly options: CommitterOptions
  readonly queue: AppendQueue
  readonly heads: StreamHeads
  tail: PostgresAppend.Tail | null
  /** Nobody else is known to write to the log: a round may be laid out before the lock is taken. */
  alone: boolean
  /** An id of the last round lay in the log already: ids are looked up before anything is written. */
  careful: boolean
  /** Attempts to connect since the last one that succeeded. */
  attempts: number
}

/** Commits what comes into the queue until it is interrupted; then whatever still waits fails. */
export const run = (queue: AppendQueue, options: CommitterOptions): Effect.Effect<never> => {
  const heads = new StreamHeads(options.headsMax)
  const committer: Committer = { options, queue, heads, tail: null, alone: true, careful: false, attempts: 0 }
  return connected(committer).pipe(
    Effect.catchAllCause((cause) => Cause.isInterruptedOnly(cause) ? Effect.interrupt : away(committer, cause)),
    Effect.forever,
    Effect.ensuring(Effect.sync(() => queue.close()))
  )
}

/** One session's life. Rounds are not interrupted: what was sent is answered. */
const connected = (committer: Committer): Effect.Effect<never, PostgresSession.SessionError> =>
  Effect.gen(function*() {
    const { options, queue } = committer
    committer.heads.forget()
    committer.attempts++
    const session = yield* PostgresSession.open(options.url, "committer", PostgresAppend.committerSettings)
    session.client.on("notification", ({ payload, processId }) => {
      if (processId !== session.processId) options.heard(Number(payload))
    })
    yield* Effect.zipRight(PostgresRound.freeLog(session), PostgresRound.prepare(session))
    committer.tail = yield* look(committer, session)
    committer.attempts = 0
    // One question at a time: then no answer to a look means that the connection is gone, not that a round takes long.
    const alone = Effect.unsafeMakeSemaphore(1).withPermits(1)
    const turns = queue.some.pipe(
      Effect.zipRight(Effect.uninterruptible(alone(turn(committer, session)))),
      Effect.zipRight(Effect.yieldNow()),
      Effect.forever
    )
    const looks = alone(look(committer, session)).pipe(Effect.delay(options.lookMs), Effect.forever)
    // The first to end ends all, also by failing.
    const lost = Effect.zipRight(
      session.lost,
      new PostgresSession.SessionError({ message: "the connection is gone", code: undefined })
    )
    return yield* Effect.raceFirst(turns, Effect.raceFirst(looks, lost))
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
    const now = yield* Clock.currentTimeMillis
    fail(committer, committer.queue.takeOlder(now - committer.options.awayMsMax), cause)
    yield* Effect.sleep(Math.min(backoffMsMax, 10 * 2 ** committer.attempts))
  })

const fail = (committer: Committer, appends: ReadonlyArray<Waiting>, cause: unknown): void => {
  const error = Effect.fail(new EventStoreError({ doing: "append", cause }))
  for (const waiting of appends) committer.queue.answer(waiting, false, error)
}

const isTaken = (error: unknown): boolean => (error as { readonly code?: string }).code === "23505"

const turn = (
  committer: Committer,
  session: PostgresSession.Session
): Effect.Effect<void, PostgresSession.SessionError> =>
  Effect.gen(function*() {
    const begun = yield* Clock.currentTimeMillis
    const appends = committer.queue.take(roundAppendsMax, roundBytesMax)
    if (appends.length === 0) return
    const locked = appends.some(({ misses }) => misses >= missesMax)
    yield* carry(committer, session, appends, locked).pipe(
      Effect.catchAllCause((cause) => {
        const error = Cause.squash(cause)
        committer.tail = null
        if (isTaken(error) && !committer.careful && !locked) {
          committer.careful = true
          committer.heads.doubt()
          return Effect.void
        }
        fail(committer, appends, error)
        return Effect.failCause(cause)
      })
    )
    committer.queue.putBack(appends.filter(({ outcome }) => outcome === "under way"))
    committer.queue.observe(appends.length, (yield* Clock.currentTimeMillis) - begun)
  })

const carry = Effect.fnUntraced(function*(
  committer: Committer,
  session: PostgresSession.Session,
  appends: ReadonlyArray<Waiting>,
  locked: boolean
) {
  const { heads } = committer
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
    const { alone, tail } = committer
    // The short way, unless somebody else turns out to have appended meanwhile.
    const clear = alone && tail !== null && trusted && !careful
    const kept = clear ? yield* PostgresRound.send(session, tail, round) : null
    if (kept !== null) return settle(committer, round, kept)
    const outcome = yield* PostgresAppend.append(session, round, tail, trusted, careful)
    if (locked) yield* PostgresAppend.commit(session)
    committer.alone = outcome.tailKept
    settle(committer, round, outcome)
  } else {
    if (locked) yield* PostgresAppend.commit(session)
    if (round.doomed.length > 0) refuse(committer, round, yield* PostgresFind.find(session, round), none)
  }
})

const settle = (committer: Committer, round: AppendPlan.Round, outcome: PostgresAppend.Outcome): void => {
  const { heads, options } = committer
  const kept = round.rows.filter((_, i) => !outcome.refused.has(round.chainOfRow[i]!))
  kept.forEach((row, i) => {
    row.position = outcome.base + 1 + i
  })
  const last = kept.at(-1)
  committer.careful = false
  if (!outcome.tailKept) heads.doubt()
  // A copy: what followers hold in their hands must not be what the next round believes.
  if (last !== undefined) committer.tail = { position: last.position, hash: new Uint8Array(last.hash) }
  else if (!outcome.tailKept) committer.tail = null
  // The refused before the kept: then of those who try again, others come first than did now.
  refuse(committer, round, outcome.found, outcome.refused)
  round.chains.forEach((chain, index) => {
    if (outcome.refused.has(index)) missed(committer, chain, outcome, index)
    else {
      heads.learn(chain.stream, chain.after)
      for (const { rows, waiting } of chain.links) committer.queue.answer(waiting, true, Effect.succeed(placeOf(rows)))
    }
  })
  options.kept(kept)
}

const placeOf = (rows: ReadonlyArray<AppendPlan.Row>): Appended => {
  const first = rows[0]!
  const last = rows.at(-1)!
  return {
    stream: first.stream,
    firstVersion: first.version,
    lastVersion: last.version,
    firstPosition: first.position,
    lastPosition: last.position,
    hash: new Uint8Array(last.hash),
    duplicate: false
  }
}

/** Nothing of this stream was kept: some of its ids are stated already, or it stands elsewhere. The rest is tried again. */
const missed = (
  committer: Committer,
  chain: AppendPlan.Chain,
  outcome: PostgresAppend.Outcome,
  index: number
): void => {
  const head = outcome.heads.get(index)
  if (head === null) committer.heads.drop(chain.stream)
  else committer.heads.learn(chain.stream, head ?? chain.before)
  for (const { waiting } of chain.links) {
    const stated = earlier(waiting, outcome.found.taken)
    if (stated === undefined) waiting.misses++
    else committer.queue.answer(waiting, reaches(waiting, stated), answerOf(stated))
  }
}

const none: ReadonlySet<number> = new Set()

/** `missed`: the chains of the round that were not kept. */
const refuse = (
  committer: Committer,
  { chains, doomed }: AppendPlan.Round,
  found: PostgresFind.Found,
  missed: ReadonlySet<number>
): void => {
  if (doomed.length === 0) return
  const kept = new Map(chains.filter((_, i) => !missed.has(i)).map(({ after, stream }) => [stream, after.version]))
  for (const { actual, rival, waiting } of doomed) {
    const { expected, stream } = waiting
    const stated = earlier(waiting, found.taken)
    const now = kept.get(stream) ?? found.stands.get(stream) ?? actual
    if (stated !== undefined) committer.queue.answer(waiting, reaches(waiting, stated), answerOf(stated))
    else if (!rival || kept.has(stream)) {
      // Others may have brought it to where it was expected since it was seen elsewhere: then that is what it was refused for.
      const error = streamMoved({ stream, expected, actual: AppendPlan.stands(expected, now) ? actual : now })
      committer.queue.answer(waiting, false, Effect.fail(error))
    }
  }
}

/** The first place of this very append, a refusal, or nothing: its ids are new. */
const earlier = (
  { events, stream }: Waiting,
  taken: ReadonlyMap<string, PostgresFind.Place>
): Appended | EventIdTaken | undefined => {
  if (taken.size === 0) return undefined
  const places = events.map(({ id }) => taken.get(id))
  const index = places.findIndex((place) => place !== undefined)
  if (index < 0) return undefined
  const first = places[0]
  const last = places.at(-1)
  return first !== undefined && last !== undefined && first.stream === stream &&
      places.every((place, i) => place?.stream === stream && place.position === first.position + i)
    ? {
      stream,
      firstVersion: first.version,
      lastVersion: last.version,
      firstPosition: first.position,
      lastPosition: last.position,
      hash: last.hash,
      duplicate: true
    }
    : new EventIdTaken({ id: events[index]!.id, stream: places[index]!.stream })
}

const answerOf = (stated: Appended | EventIdTaken) =>
  stated instanceof EventIdTaken ? Effect.fail(stated) : Effect.succeed(stated)

/** Whether an append found to be stated already lies just where those that continue it believe. */
const reaches = ({ events, expected }: Waiting, stated: Appended | EventIdTaken): boolean =>
  !(stated instanceof EventIdTaken) && typeof expected === "number" && stated.lastVersion === expected + events.length
