/**
 * A clock that never goes back, whatever the wall clock does: hybrid logical time.
 * Source: Kulkarni et al., "Logical Physical Clocks", OPODIS 2014.
 *
 * H1  Every reading is after the one before, and after every reading of others the clock was shown.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** `millis` is the wall clock or later; `counter` tells readings of one millisecond apart. */
export interface Reading {
  readonly millis: number
  readonly counter: number
}

export interface HybridClock {
  readonly read: Effect.Effect<Reading>
  /** Shows it a reading, as `format` wrote it: of another life, or another node. What is none is passed over. */
  readonly see: (reading: string) => void
}

const isAfter = (one: Reading, other: Reading): boolean =>
  one.millis > other.millis || (one.millis === other.millis && one.counter > other.counter)

export const make: Effect.Effect<HybridClock> = Effect.sync(() => {
  let last: Reading = { millis: 0, counter: 0 }
  return {
    read: Effect.map(Clock.currentTimeMillis, (now) => {
      last = now > last.millis ? { millis: now, counter: 0 } : { millis: last.millis, counter: last.counter + 1 }
      return last
    }),
    see: (text) => {
      const [, millis, counter] = /^(\d{1,15})\.(\d{1,9})$/.exec(text) ?? []
      const seen = { millis: Number(millis), counter: Number(counter) }
      if (isAfter(seen, last)) last = seen
    }
  }
})

export const format = ({ counter, millis }: Reading): string => `${millis}.${counter}`
