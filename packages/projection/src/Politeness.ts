/**
 * How long work shares its process: everything while nobody else wants a turn, a third while others do.
 * What is taken in without waiting holds the event loop; between two pieces everyone else is let in, and let finish.
 *
 * L1  While others have work to do, long work takes at most about a third of the time; while they have none it does not rest.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** A piece of work that holds the process should not take longer: while others wait, and while nobody does. */
const PieceMs = { busy: 3, idle: 30 }

/** A turn of the event loop that takes longer than this had something to do for others. */
const IdleTurnNs = 300_000n

/** Others rest so many times as long as the work took. */
const Share = 2n

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
}

/** For one piece of long work. */
export const make = Effect.gen(function*() {
  const clock = yield* Effect.clock
  let since = yield* Clock.currentTimeNanos
  let busy = false
  let thingMs = 0.1
  const now = () => clock.unsafeCurrentTimeNanos()
  return {
    yield: Effect.suspend(() => {
      const spent = now() - since
      if (spent < BigInt(PieceMs.busy * 1e6)) return Effect.void
      return Effect.gen(function*() {
        let rested = 0n
        do {
          const before = now()
          yield* turn
          const took = now() - before
          rested += took
          busy = took > IdleTurnNs
        } while (busy && rested < Share * spent)
        since = now()
      })
    }),
    piece: () => Math.max(16, Math.min(4_096, Math.floor((busy ? PieceMs.busy : PieceMs.idle) / thingMs))),
    took: (things, ms) => {
      if (things > 0) thingMs = Math.max(0.001, thingMs * 0.7 + (ms / things) * 0.3)
    }
  } satisfies Politeness
})
