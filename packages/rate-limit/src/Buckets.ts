/**
 * Where buckets of tokens stand: each fills by itself, up to its brim, and whoever takes from it takes from all processes' share.
 *
 * B1  However many take at once, no more is given than was in the bucket and has run in since.
 * B2  Who gets nothing is told when there will be something.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** A bucket holds `burst` tokens at most, and `perMinute` run into it. */
export interface Rate {
  readonly burst: number
  readonly perMinute: number
}

export interface Taken {
  /** Whole tokens; none when there was not one. */
  readonly granted: number
  /** When none: milliseconds until there is one. */
  readonly waitMs: number
}

/** The buckets cannot be reached. */
export class BucketsAway extends Data.TaggedError("BucketsAway")<{ readonly cause: unknown }> {}

export class Buckets extends Context.Tag("@vivim/rate-limit/Buckets")<Buckets, {
  /** Takes as many tokens as there are, up to `wanted`. */
  readonly take: (key: string, rate: Rate, wanted: number) => Effect.Effect<Taken, BucketsAway>
}>() {
  /** The twin in memory, for tests and for one process. */
  static readonly layerMemory: Layer.Layer<Buckets> = Layer.sync(Buckets, () => {
    const buckets = new Map<string, { readonly tokens: number; readonly at: number }>()
    return {
      take: (key, rate, wanted) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const { at, tokens } = buckets.get(key) ?? { tokens: rate.burst, at: now }
          const present = Math.min(rate.burst, tokens + Math.max(0, now - at) * rate.perMinute / 60_000)
          const granted = Math.min(wanted, Math.floor(present))
          buckets.set(key, { tokens: present - granted, at: now })
          return { granted, waitMs: granted > 0 ? 0 : waitOf(present, rate) }
        })
    }
  })
}

/** Milliseconds until a bucket with less than one token has one. */
export const waitOf = (present: number, { perMinute }: Rate): number => Math.ceil((1 - present) * 60_000 / perMinute)
