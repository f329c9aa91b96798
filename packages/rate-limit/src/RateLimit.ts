/**
 * How often somebody may do something. A process takes tokens in small batches and spends them by itself, so that calls which may be made cost no
 * look at the database; one that found none does not look again before there can be one.
 *
 * R1  A call beyond the limit is refused, with the time to wait; over all processes together no more are let in than the bucket holds.
 * R2  A call mostly asks nobody: one look at a bucket is good for a batch of calls, however far apart; nothing that was taken is given up.
 * R3  Who is refused costs no look at the buckets until the wait is over.
 */
import { TooManyRequests, Unavailable } from "@vivim/contract/Refusal"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Buckets, type Rate } from "./Buckets.ts"

export class RateLimit extends Context.Tag("@vivim/rate-limit/RateLimit")<RateLimit, {
  /** Lets one call of this kind in, for whoever it is counted for, or refuses. */
  readonly pass: (kind: string, who: string) => Effect.Effect<void, TooManyRequests | Unavailable>
}>() {}

/** A batch is a fiftieth of the bucket: what several processes hold unspent is little of the whole. A small bucket is counted exactly. */
const BatchShare = 50
/** Whom a process remembers; who is forgotten is looked up. */
const KnownMax = 100_000

interface Purse {
  readonly turn: Effect.Semaphore
  left: number
  refusedUntil: number
}

const make = (rates: Readonly<Record<string, Rate>>) =>
  Effect.map(Buckets, (buckets) => {
    const purses = new Map<string, Purse>()
    const purseOf = (key: string): Purse => {
      const known = purses.get(key)
      if (known !== undefined) return known
      if (purses.size >= KnownMax) {
        for (const oldest of [...purses.keys()].slice(0, KnownMax / 10)) purses.delete(oldest)
      }
      const purse = { turn: Effect.unsafeMakeSemaphore(1), left: 0, refusedUntil: 0 }
      purses.set(key, purse)
      return purse
    }

    /** How long to wait, where the purse knows; null where the buckets must be asked. */
    const spend = (purse: Purse, now: number): number | null => {
      if (purse.refusedUntil > now) return purse.refusedUntil - now
      if (purse.left < 1) return null
      purse.left -= 1
      return 0
    }

    const fill = Effect.fnUntraced(function*(purse: Purse, key: string, rate: Rate) {
      const now = yield* Clock.currentTimeMillis
      const known = spend(purse, now)
      if (known !== null) return known
      const { granted, waitMs } = yield* buckets.take(key, rate, Math.max(1, Math.floor(rate.burst / BatchShare)))
      if (granted === 0) {
        purse.refusedUntil = now + waitMs
        return waitMs
      }
      purse.left = granted - 1
      return 0
    })

    return RateLimit.of({
      pass: (kind, who) =>
        Effect.gen(function*() {
          const rate = rates[kind]
          if (rate === undefined) return yield* Effect.dieMessage(`there is no rate for ${kind}`)
          const key = `${kind} ${who}`
          const purse = purseOf(key)
          const known = spend(purse, yield* Clock.currentTimeMillis)
          const waitMs = known ?? (yield* purse.turn.withPermits(1)(fill(purse, key, rate)))
          if (waitMs > 0) return yield* new TooManyRequests({ retryAfterMs: Math.ceil(waitMs) })
        }).pipe(
          Effect.catchTag("BucketsAway", ({ cause }) =>
            Effect.zipRight(
              Effect.logWarning("calls cannot be counted", cause),
              new Unavailable({ message: "the node cannot serve this just now", retryAfterMs: 1_000 })
            ))
        )
    })
  })

export const layer = (rates: Readonly<Record<string, Rate>>): Layer.Layer<RateLimit, never, Buckets> =>
  Layer.effect(RateLimit, make(rates))
