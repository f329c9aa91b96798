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
import * as Effect from "effect/Effect"
import { LiveWorkOfProcess } from "./LiveWork.ts"

/** A piece of work that holds the process should not take longer: beside live work, while others want turns, and while nobody does. */
const PieceMs = { live: 2, busy: 3, idle: 15 }

/** A turn of the event loop that takes longer than this had something to do for others. */
const IdleTurnNs = 300_000n

/** Others rest so many times as long as the work took. */
const Share = { live: 4, busy: 2n }

/** The longest rest, whatever a piece took. */
const RestMsMax = 200

/** Things handed over at once beside live work, where each waits for a database: few enough to be over soon. */
const BesideLiveMax = 256

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

/** For one piece of long work. `patient`: nobody waits for it. */
export const make = (manner: "patient" | "hurried") =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    const liveWork = yield* LiveWorkOfProcess
    let isPatient = manner === "patient"
    let since = yield* Clock.currentTimeNanos
    let busy = false
    let thingMs = 0.1
    const now = () => clock.unsafeCurrentTimeNanos()
    const givesWay = () => isPatient && liveWork.isUnderWay(clock.unsafeCurrentTimeMillis())
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
        } while (busy && rested < Share.busy * spent)
      })
    return {
      yield: Effect.suspend(() => {
        const spent = now() - since
        const spentMs = Number(spent) / 1e6
        if (givesWay()) {
          if (spentMs < PieceMs.live) return Effect.void
          return Effect.zipRight(Effect.sleep(Math.min(RestMsMax, Share.live * spentMs)), begin)
        }
        return spentMs < PieceMs.busy ? Effect.void : Effect.zipRight(turns(spent), begin)
      }),
      piece: () => {
        const ms = givesWay() ? PieceMs.live : busy ? PieceMs.busy : PieceMs.idle
        return Math.max(4, Math.min(4_096, Math.floor(ms / thingMs)))
      },
      took: (things, ms) => {
        if (things > 0) thingMs = Math.max(0.001, thingMs * 0.7 + (ms / things) * 0.3)
      },
      batch: () => givesWay() ? BesideLiveMax : Infinity,
      hurry: Effect.sync(() => void (isPatient = false))
    } satisfies Politeness
  })
