/**
 * Lets go of what takes too long: many calls that may all take equally long, and one timer for them together.
 *
 * A timer and two fibers per call, as `Effect.timeout` has them, cost more than the rest of a call. All may take equally long, so the
 * first to begin is the first that is due, and only that one is waited for.
 *
 * L1  What ends in time ends as it does; what does not ends as a `TimeoutException`, is interrupted, and nobody waits for that.
 * L2  Who goes away takes the work along.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"

interface Running {
  readonly due: number
  readonly expire: () => void
}

export type Within = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Cause.TimeoutException, R>

export const make = (max: Duration.DurationInput): Within => {
  const maxMs = Duration.toMillis(max)
  /** In the order in which they are due. */
  const running = new Set<Running>()
  let isWatched = false
  const watch = Effect.gen(function*() {
    for (const first of running) {
      const left = first.due - (yield* Clock.currentTimeMillis)
      if (left > 0) yield* Effect.sleep(left)
      // It may have ended meanwhile, and with it whatever else was due by now.
      if (running.delete(first)) first.expire()
    }
    // In one go with the look that found nothing left: who begins next is watched by another one.
    isWatched = false
  }).pipe(Effect.ensuring(Effect.sync(() => isWatched = false)))
  const watching = Effect.suspend(() => {
    if (isWatched) return Effect.void
    isWatched = true
    return Effect.forkDaemon(Effect.interruptible(watch))
  })

  const ended = <A, E>(fiber: Fiber.RuntimeFiber<A, E>, now: number) =>
    Effect.async<A, E | Cause.TimeoutException>((resume) => {
      const one: Running = {
        due: now + maxMs,
        expire: () => {
          fiber.unsafeInterruptAsFork(FiberId.none)
          resume(new Cause.TimeoutException())
        }
      }
      running.add(one)
      fiber.addObserver((exit) => {
        running.delete(one)
        resume(exit)
      })
    })

  return (work) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkDaemon(restore(work))
        const now = yield* Clock.currentTimeMillis
        const answer = ended(fiber, now)
        return yield* restore(Effect.zipRight(watching, answer)).pipe(
          Effect.onInterrupt(() => Fiber.interruptFork(fiber))
        )
      })
    )
}
