/** A clock that never goes back. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { format, make, type Reading } from "./HybridClock.ts"

const isAfter = (one: Reading, other: Reading) =>
  one.millis > other.millis || (one.millis === other.millis && one.counter > other.counter)
const parse = (text: string): Reading => {
  const [millis, counter] = text.split(".").map(Number)
  return { millis: millis!, counter: counter! }
}

/** The wall clock jumps, forth and back; the clock is read, and shown readings of others. */
const steps = FastCheck.array(FastCheck.oneof(
  FastCheck.record({ wall: FastCheck.nat(50) }),
  FastCheck.record({ seen: FastCheck.tuple(FastCheck.nat(50), FastCheck.nat(3)) })
))

describe("HybridClock", () => {
  it("H1 every reading is after the one before, and after every reading it was shown", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(steps, (steps) =>
        Effect.gen(function*() {
          const clock = yield* make
          let last: Reading = { millis: -1, counter: 0 }
          for (const step of steps) {
            if ("wall" in step) {
              yield* TestClock.setTime(step.wall)
              const reading = yield* clock.read
              assert.isTrue(isAfter(reading, last), `${format(reading)} after ${format(last)}`)
              assert.isAtLeast(reading.millis, step.wall)
              assert.deepStrictEqual(parse(format(reading)), reading)
              last = reading
            } else {
              const [millis, counter] = step.seen
              clock.see(format({ millis, counter }))
              if (isAfter({ millis, counter }, last)) last = { millis, counter }
            }
          }
        }).pipe(Effect.provide(TestContext.TestContext), Effect.runPromise)),
      { numRuns: 40 }
    ))

  it.effect("H1 what is no reading does not move it", () =>
    Effect.gen(function*() {
      const clock = yield* make
      yield* TestClock.setTime(7)
      for (const text of ["", "x", "9", "9.x", "1e99.0", "9.5.", "9.1 ", "-9.1", `${"9".repeat(16)}.0`]) clock.see(text)
      assert.deepStrictEqual(yield* clock.read, { millis: 7, counter: 0 })
      clock.see("9.3")
      assert.deepStrictEqual(yield* clock.read, { millis: 9, counter: 4 })
    }))
})
