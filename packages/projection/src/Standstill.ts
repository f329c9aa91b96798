/**
 * What is done about a view, or a part of one, that stands still: it tries again, or passes over the event.
 *
 * S1  A stopped view or part tries again when it is told to, and not before; nobody else's can be told.
 * S2  Only the event at which something stands can be passed over; whoever stood there goes on at once.
 */
import { NotStopped } from "@vivim/contract/View"
import * as Effect from "effect/Effect"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type { Ailing } from "./View.ts"
import type { Started } from "./ViewRunner.ts"

/** Everything of a view that stands still: the view itself is null, its parts are named. */
const standing = ({ status, view }: Started) =>
  Effect.gen(function*() {
    const { stop } = yield* SubscriptionRef.get(status)
    const ailing = view.parts === null ? new Map<string, Ailing>() : yield* SubscriptionRef.get(view.parts.ailing)
    return [
      ...stop === null ? [] : [{ part: null, stop }],
      ...[...ailing].filter(([, { state }]) => state === "stopped").map(([part, { stop }]) => ({ part, stop }))
    ]
  })

const wake = (runner: Started, part: string | null) =>
  part === null ? Effect.asVoid(runner.resume) : runner.view.parts?.resume(part) ?? Effect.void

export const resume = (runner: Started, owner: string | undefined): Effect.Effect<number, NotStopped> =>
  runner.fate.withPermits(1)(Effect.gen(function*() {
    const found = (yield* standing(runner)).filter(({ part }) => owner === undefined || part === owner)
    if (found.length === 0) {
      const { name } = runner.view
      const what = owner === undefined ? `nothing of ${name} stands still` : `${name} of ${owner} does not stand still`
      return yield* new NotStopped({ view: name, message: what })
    }
    yield* Effect.forEach(found, ({ part }) => wake(runner, part), { discard: true })
    return found.length
  }))

/** Nobody is let go on between the look and the record. Who stood there goes on when the log says so. */
export const skip = <A, E, R>(
  runner: Started,
  position: number,
  record: Effect.Effect<A, E, R>
): Effect.Effect<A, E | NotStopped, R> =>
  runner.fate.withPermits(1)(Effect.gen(function*() {
    const found = (yield* standing(runner)).filter(({ stop }) => stop.position === position && stop.event !== null)
    if (found.length === 0) {
      const message = `${runner.view.name} did not stop at position ${position}: only what it stopped at can be skipped`
      return yield* new NotStopped({ view: runner.view.name, message })
    }
    return yield* record
  }))

/** The log says so: whatever stands at an event that is passed over goes on. */
export const passOver = (runner: Started, skipped: ReadonlySet<number>): Effect.Effect<void> =>
  runner.fate.withPermits(1)(
    Effect.flatMap(standing(runner), (all) =>
      Effect.forEach(
        all.filter(({ stop }) => skipped.has(stop.position)),
        ({ part }) => wake(runner, part),
        {
          discard: true
        }
      ))
  )
