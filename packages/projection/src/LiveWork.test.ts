/** Whether somebody waits just now. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as LiveWork from "./LiveWork.ts"

describe("LiveWork", () => {
  it.effect("L2 live work is under way from its first sign until a moment after its last, however it ends", () =>
    Effect.gen(function*() {
      const { during, heard, isUnderWay } = LiveWork.make()
      const now = Effect.clockWith((clock) => clock.currentTimeMillis)
      const isLive = Effect.map(now, (now) => isUnderWay(now, 100))
      assert.isFalse(yield* isLive)
      yield* heard
      yield* TestClock.adjust("99 millis")
      assert.isTrue(yield* isLive)
      yield* TestClock.adjust("1 millis")
      assert.isFalse(yield* isLive)
      const end = yield* Deferred.make<void>()
      const long = yield* Effect.fork(during(Deferred.await(end)))
      const cut = yield* Effect.fork(during(Effect.never))
      yield* TestClock.adjust("1 hour")
      assert.isTrue(yield* isLive)
      yield* Fiber.interrupt(cut)
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* isLive, "one of the two goes on")
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(long)
      assert.isTrue(yield* isLive)
      yield* TestClock.adjust("100 millis")
      assert.isFalse(yield* isLive)
    }))
})
