/**
 * Rounds under way in one session: the next is laid out and sent while the one before it is still being committed. Each is a transaction
 * of its own, and believes that those before it are kept.
 *
 * X1  Rounds are answered in the order in which they were sent, each when it is durable itself.
 * X2  If a round is refused, the log refuses what was planned behind it; all of it is planned again, in its order, the slow way.
 * X3  If nobody knows what became of a round, nobody knows of those behind it: all of them fail as unknown, and the session ends.
 * X4  At most so many are under way. A round goes out behind another only when enough waits for it; without one, at once.
 * X5  What a round cannot judge by itself (heads to be read, only refusals) waits until nothing is under way.
 */
import * as Effect from "effect/Effect"
import * as AppendPlan from "./AppendPlan.ts"
import type { Waiting } from "./AppendQueue.ts"
import type { Tail } from "./PostgresAppend.ts"
import { isTrusted } from "./PostgresAppend.ts"
import * as PostgresRound from "./PostgresRound.ts"
import { type Session, SessionError } from "./PostgresSession.ts"
import { elsewhere } from "./PostgresTables.ts"
import * as RoundAnswers from "./RoundAnswers.ts"

/** What one round may carry. */
export const roundAppendsMax = 2_000
export const roundBytesMax = 8 * 1024 * 1024
/** So often may an append miss its stream's head before the round takes the lock first. */
export const missesMax = 3

export interface PipelineLimits {
  /** Rounds under way at once. */
  readonly roundsMax: number
  /** Events that are worth a round of their own while another is under way: fewer cost more by the commit than is won by not waiting. */
  readonly pieceMin: number
}

export const pipelineLimits: PipelineLimits = { roundsMax: 2, pieceMin: 128 }

interface Flight {
  readonly round: AppendPlan.Round
  readonly appends: ReadonlyArray<Waiting>
  readonly begun: number
}

const none: ReadonlySet<string> = new Set()

export class RoundPipeline {
  private readonly session: Pick<Session, "post">
  private readonly writer: RoundAnswers.Writer
  private readonly now: () => number
  private readonly limits: PipelineLimits
  private flights: Array<Flight> = []
  /** Of rounds that were refused: to be planned again when nothing is under way any more. */
  private recalled: Array<Flight> = []
  /** Those who want the session for themselves. */
  private holders = 0
  private readonly alone = Effect.unsafeMakeSemaphore(1)
  private idle: Array<() => void> = []
  private slow: (() => void) | null = null
  private slowWanted = false
  private scheduled = false
  private failed = false
  private broken: ((end: Effect.Effect<never, SessionError>) => void) | null = null

  constructor(session: Pick<Session, "post">, writer: RoundAnswers.Writer, now: () => number, limits: PipelineLimits) {
    this.limits = limits
    this.session = session
    this.writer = writer
    this.now = now
  }

  /** Begins to take what comes, and ends with the first failure. */
  readonly carrying: Effect.Effect<never, SessionError> = Effect.async((resume) => {
    this.broken = resume
    // Behind whoever is about to append as well.
    this.writer.queue.wake = () => {
      if (this.scheduled) return
      this.scheduled = true
      queueMicrotask(() => {
        this.scheduled = false
        this.pump()
      })
    }
    this.pump()
    return Effect.sync(() => {
      this.writer.queue.wake = null
    })
  })

  /** Answers when something waits that the pipeline cannot carry by itself. */
  readonly stuck: Effect.Effect<void> = Effect.async((resume) => {
    if (this.slowWanted) return resume(Effect.void)
    this.slow = () => resume(Effect.void)
  })

  /** Nothing is under way meanwhile. Not interrupted once it has begun. */
  exclusively<A, E>(work: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      this.holders++
      // The session that failed meanwhile is about to be given up, and so are those who waited for it.
      const now = Effect.suspend(() => this.failed ? Effect.never : Effect.uninterruptible(work))
      return this.alone.withPermits(1)(Effect.zipRight(this.landed, now))
    }).pipe(Effect.ensuring(Effect.sync(() => {
      this.holders--
      this.pump()
    })))
  }

  /** Nothing more is sent, and all that was sent is answered. */
  readonly drained: Effect.Effect<void> = Effect.suspend(() => {
    this.holders++
    return this.landed
  })

  /** Sends a round that stands behind `tail`, and behind whatever is under way. */
  launch(round: AppendPlan.Round, appends: ReadonlyArray<Waiting>, tail: Tail): void {
    const later = new Set(round.later)
    const flight = {
      round,
      appends: later.size === 0 ? appends : appends.filter((waiting) => !later.has(waiting)),
      begun: this.now()
    }
    this.writer.queue.putBack(round.later)
    RoundAnswers.foresee(this.writer, round, tail.position)
    this.flights.push(flight)
    PostgresRound.send(this.session, tail, round, (verdict) => this.judged(flight, verdict))
  }

  private readonly landed: Effect.Effect<void> = Effect.async((resume) => {
    if (this.flights.length === 0) return resume(Effect.void)
    this.idle.push(() => resume(Effect.void))
  })

  /** Sends what waits for as long as the road is clear. */
  private pump(): void {
    while (this.holders === 0 && !this.slowWanted && !this.failed) {
      const count = this.room()
      if (count === 0) return
      if (!this.advance(count)) {
        this.slowWanted = true
        this.slow?.()
      }
    }
  }

  /** How many appends the next round should carry: its share of what is under way, so that node and server are both at work. */
  private room(): number {
    const { pieceMin, roundsMax } = this.limits
    const { appends, events } = this.writer.queue.size
    if (this.flights.length === 0) return events < roundsMax * pieceMin ? appends : Math.ceil(appends / roundsMax)
    if (this.flights.length >= roundsMax || this.recalled.length > 0 || events < pieceMin) return 0
    const underWay = this.flights.reduce((sum, { appends }) => sum + appends.length, 0)
    return Math.min(appends, Math.ceil((appends + underWay) / roundsMax))
  }

  /** False when what waits cannot go this way. */
  private advance(count: number): boolean {
    const { alone, careful, queue, tail } = this.writer
    if (!alone || careful || tail === null) return false
    const appends = queue.take(Math.min(count, roundAppendsMax), roundBytesMax)
    if (appends.length === 0) return true
    try {
      if (this.sent(appends, tail)) return true
    } catch (bug) {
      this.end(appends, bug)
      return true
    }
    queue.putBack(appends)
    return false
  }

  private sent(appends: ReadonlyArray<Waiting>, tail: Tail): boolean {
    const { heads } = this.writer
    if (
      appends.every(({ misses }) => misses < missesMax) && AppendPlan.unknownStreams(appends, heads).size === 0
    ) {
      const round = AppendPlan.plan(appends, heads, none)
      if (round.rows.length > 0 && isTrusted(round.chains, (stream) => heads.isSure(stream))) {
        this.launch(round, appends, tail)
        return true
      }
    }
    return false
  }

  private judged(flight: Flight, verdict: PostgresRound.Verdict): void {
    if (this.failed) return
    this.flights.shift()
    if (!(verdict instanceof SessionError)) {
      RoundAnswers.land(this.writer, flight.round, verdict)
      this.writer.queue.observe(flight.appends.length, this.now() - flight.begun)
    } else if (verdict.code === elsewhere || verdict.code === taken) {
      if (verdict.code === taken) this.writer.careful = true
      this.recalled.push(flight)
    } else return this.end(flight.appends, verdict)
    if (this.flights.length === 0) {
      this.recall()
      for (const resume of this.idle.splice(0)) resume()
    }
    this.pump()
  }

  /** Back to where the refused began. */
  private recall(): void {
    if (this.recalled.length === 0) return
    const { heads, queue } = this.writer
    for (const { round } of this.recalled.toReversed()) RoundAnswers.unlearn(this.writer, round)
    queue.putBack(this.recalled.flatMap(({ appends }) => appends))
    this.recalled = []
    this.writer.alone = false
    this.writer.tail = null
    heads.doubt()
  }

  private end(appends: ReadonlyArray<Waiting>, cause: unknown): void {
    this.failed = true
    const lost = [appends, ...this.flights.map(({ appends }) => appends)].flat()
    this.flights = []
    this.recall()
    this.writer.tail = null
    RoundAnswers.fail(this.writer, lost, cause)
    for (const resume of this.idle.splice(0)) resume()
    this.broken?.(cause instanceof SessionError ? Effect.fail(cause) : Effect.die(cause))
  }

  /** The slow way was gone, or is about to be. */
  unstick(): void {
    this.slowWanted = false
    this.slow = null
  }
}

/** An id, or a place in a stream, is taken. */
export const taken = "23505"
