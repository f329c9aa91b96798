/**
 * Whether somebody waits for this process just now, so that work nobody waits for can keep out of the way.
 *
 * L2  While an event goes into the rows that serve, or somebody has just asked for a position, live work is under way; soon after
 *     the last of it, it is not: most of what a caller waits for happens in other processes, and leaves this one idle.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

interface LiveWork {
  /** Counts as live work until it ends, and a moment longer. */
  readonly during: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Somebody waits. */
  readonly heard: Effect.Effect<void>
  /** Told how long it lingers: from one sign of life to the next, where somebody asks one thing after another. */
  readonly isUnderWay: (now: number, lingerMs: number) => boolean
}

export const make = (): LiveWork => {
  let [running, last] = [0, -Infinity]
  const heard = Effect.clockWith((clock) => Effect.sync(() => void (last = clock.unsafeCurrentTimeMillis())))
  return {
    during: (work) =>
      Effect.acquireUseRelease(
        Effect.sync(() => running++),
        () => work,
        () => Effect.zipRight(Effect.sync(() => running--), heard)
      ),
    heard,
    isUnderWay: (now, lingerMs) => running > 0 || now - last < lingerMs
  }
}

/** A reference, not a layer: it belongs to the process as such. */
export class LiveWorkOfProcess extends Context.Reference<LiveWorkOfProcess>()("@vivim/projection/LiveWork", {
  defaultValue: make
}) {}
