/**
 * How long work shares its process. What is taken in without waiting holds the event loop; between two pieces everyone else is let in,
 * and let finish.
 *
 * L1  While others have work to do, work somebody waits for takes at most about a third of the time; while they have none it does not
 *     rest.
 * L3  Work nobody waits for goes in short pieces while live work is under way, and takes about a fifth of the time; else it does not
 *     rest either. It can be told that by now somebody waits for it.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { LiveWorkOfProcess } from "./LiveWork.ts"

/** How work nobody waits for keeps out of the way of live work. */
export interface Giving {
  /** So long is live work taken to be under way after its last sign. */
  readonly lingerMax: Duration.DurationInput
  /** A piece of work should not take longer. */
  readonly pieceMax: Duration.DurationInput
  /** It rests so many times as long as the piece took. */
  readonly restTimes: number
  /** The longest rest, whatever a piece took. */
  readonly restMax: Duration.DurationInput
  /** Things handed over at once where each waits for a database: few enough to be over soon. */
  readonly batchMax: number
}

/** A reference, not a layer: most who build views have nothing to say of it. */
export class GivingWay extends Context.Reference<GivingWay>()("@vivim/projection/GivingWay", {
  defaultValue: (): Giving => ({
    lingerMax: "100 millis",
    pieceMax: "2 millis",
    restTimes: 4,
    restMax: "200 millis",
    batchMax: 256
  })
}) {}

/** A piece of work that holds the process should not take longer: while others want turns, and while nobody does. */
const PieceMs = { busy: 3, idle: 15 }

/** A turn of the event loop that takes longer than this had something to do for others. */
const IdleTurnNs = 300_000n

/** Others get so many times as long as the work took. */
const BusyTimes = 2n

/** One whole turn of the event loop: what has arrived for others is handled in it. */
const turn = Effect.async<void>((resume) => {
  const waiting = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(waiting))
})

export interface Politeness {
  /** Lets others have their turns, if it is time to. */
  readonly yield: Effect.Effect<void>
  /** How many of such things one piece may hold, told how long some of them took. */
  readonly piece: () => number
  readonly took: (things: number, ms: number) => void
  /** How many things may go to a database at once. */
  readonly batch: () => number
  /** From now on somebody waits for it. */
  readonly hurry: Effect.Effect<void>
}

/** For one piece of long work; hurried where somebody waits for it, else told how it gives way. */
export const make = (giving: Giving | "hurried") =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    const liveWork = yield* LiveWorkOfProcess
    let gives = giving === "hurried" ? null : {
      lingerMs: Duration.toMillis(giving.lingerMax),
      pieceMs: Duration.toMillis(giving.pieceMax),
      restMsMax: Duration.toMillis(giving.restMax),
      restTimes: giving.restTimes,
      batchMax: giving.batchMax
    }
    let since = yield* Clock.currentTimeNanos
    let busy = false
    let thingMs = 0.1
    const now = () => clock.unsafeCurrentTimeNanos()
    /** While it gives way: how. */
    const way = () =>
      gives !== null && liveWork.isUnderWay(clock.unsafeCurrentTimeMillis(), gives.lingerMs) ? gives : null
    const begin = Effect.sync(() => void (since = now()))
    const turns = (spent: bigint) =>
      Effect.gen(function*() {
        let rested = 0n
        do {
          const before = now()
          yield* turn
          const took = now() - before
          rested += took
          busy = took > IdleTurnNs
        } while (busy && rested < BusyTimes * spent)
      })
    return {
      yield: Effect.suspend(() => {
        const spent = now() - since
        const spentMs = Number(spent) / 1e6
        const giving = way()
        if (giving !== null) {
          const { pieceMs, restMsMax, restTimes } = giving
          if (spentMs < pieceMs) return Effect.void
          return Effect.zipRight(Effect.sleep(Math.min(restMsMax, restTimes * spentMs)), begin)
        }
        return spentMs < PieceMs.busy ? Effect.void : Effect.zipRight(turns(spent), begin)
      }),
      piece: () => {
        const ms = way()?.pieceMs ?? (busy ? PieceMs.busy : PieceMs.idle)
        return Math.max(4, Math.min(4_096, Math.floor(ms / thingMs)))
      },
      took: (things, ms) => {
        if (things > 0) thingMs = Math.max(0.001, thingMs * 0.7 + (ms / things) * 0.3)
      },
      batch: () => way()?.batchMax ?? Infinity,
      hurry: Effect.sync(() => void (gives = null))
    } satisfies Politeness
  })
