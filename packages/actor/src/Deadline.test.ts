/** Calls that may all take equally long. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Deadline from "./Deadline.ts"

/** Work that takes so many seconds, and says when it is let go. */
const taking = (seconds: number, let_go: Array<number>) =>
  Effect.onInterrupt(
    Effect.as(Effect.sleep(seconds * 1_000), seconds),
    () => Effect.sync(() => void let_go.push(seconds))
  )

describe("Deadline", () => {
  it.effect("L1 each of many ends as it does, or as too late, at its own time", () =>
    Effect.gen(function*() {
      const within = Deadline.make("10 seconds")
      const gone: Array<number> = []
      const begun: Array<Fiber.RuntimeFiber<number, unknown>> = []
      for (const seconds of [3, 30, 9, 12, 1]) {
        begun.push(yield* Effect.fork(within(taking(seconds, gone))))
        yield* TestClock.adjust("1 second")
      }
      const over = () => Effect.forEach(begun, (fiber) => Effect.map(Fiber.poll(fiber), (exit) => exit._tag === "Some"))
      assert.deepStrictEqual(yield* over(), [true, false, false, false, true])
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* over(), [true, false, false, false, true], "ten seconds after the first began")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* over(), [true, true, true, false, true])
      assert.deepStrictEqual(gone, [30])
      yield* TestClock.adjust("2 seconds")
      const exits = yield* Effect.forEach(begun, (fiber) => Fiber.await(fiber))
      assert.deepStrictEqual(exits.filter(Exit.isSuccess).map(({ value }) => value), [3, 9, 1])
      assert.deepStrictEqual(gone, [30, 12])
      // After all was quiet the next one is watched again.
      yield* TestClock.adjust("1 minute")
      const late = yield* Effect.fork(within(taking(11, gone)))
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* Effect.flip(Fiber.join(late)), { _tag: "TimeoutException" })
    }))

  it.effect("L1 what ends at once, and what cannot be interrupted, holds nobody up", () =>
    Effect.gen(function*() {
      const within = Deadline.make("10 seconds")
      assert.strictEqual(yield* within(Effect.succeed(1)), 1)
      assert.deepStrictEqual(yield* Effect.exit(within(Effect.die("a bug"))), Exit.die("a bug"))
      const stubborn = yield* Effect.fork(within(Effect.uninterruptible(Effect.sleep("1 hour"))))
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* Effect.flip(Fiber.join(stubborn)), { _tag: "TimeoutException" })
    }))

  it.effect("L2 who goes away takes the work along", () =>
    Effect.gen(function*() {
      const gone: Array<number> = []
      const asking = yield* Effect.fork(Deadline.make("10 seconds")(taking(5, gone)))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(asking)))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(gone, [5])
    }))
})
