/** A question that stays open. */
import * as Reactivity from "@effect/experimental/Reactivity"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { watch } from "./Watch.ts"

/** Somebody who watches a number, and a hand that changes it. */
const watching = (key: string) =>
  Effect.gen(function*() {
    const reactivity = yield* Reactivity.Reactivity
    const heard = yield* Queue.unbounded<number>()
    const now = { value: 0, asked: 0 }
    const ask = Effect.sync(() => {
      now.asked++
      return now.value
    })
    yield* Effect.forkScoped(Stream.runForEach(watch([key], ask), (answer) => Queue.offer(heard, answer)))
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    return {
      now,
      touch: (value: number, ...keys: ReadonlyArray<string>) =>
        Effect.zipRight(Effect.sync(() => now.value = value), reactivity.invalidate(keys.length === 0 ? [key] : keys)),
      /** What was heard, when so much time has passed. */
      after: (duration: string) =>
        Effect.zipRight(TestClock.adjust(duration as "1 second"), Effect.map(Queue.takeAll(heard), Chunk.toArray))
    }
  })

describe("Watch", () => {
  it.scoped("Q1 the first answer comes at once", () =>
    Effect.gen(function*() {
      const { after, now } = yield* watching("pot")
      assert.deepStrictEqual(yield* after("0 millis"), [0])
      assert.strictEqual(now.asked, 1)
    }).pipe(Effect.provide(Reactivity.layer)))

  it.scoped("Q1 a touch between asking and listening is never missed", () =>
    Effect.gen(function*() {
      const reactivity = yield* Reactivity.Reactivity
      let value = 0
      // The answer is out of date before it is given.
      const ask = Effect.suspend(() => {
        const answer = value
        return answer > 0 ? Effect.succeed(answer) : Effect.as(
          Effect.zipRight(Effect.sync(() => value = 7), reactivity.invalidate(["pot"])),
          answer
        )
      })
      const answers = yield* Effect.fork(Stream.runCollect(Stream.take(watch(["pot"], ask), 2)))
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(Chunk.toArray(yield* Fiber.join(answers)), [0, 7])
    }).pipe(Effect.provide(Reactivity.layer)))

  it.scoped("Q2 a burst of touches is answered a few times, and the last answer holds them all", () =>
    Effect.gen(function*() {
      const { after, now, touch } = yield* watching("pot")
      yield* after("1 second")
      for (let value = 1; value <= 500; value++) yield* touch(value)
      const heard = yield* after("1 second")
      assert.strictEqual(heard.at(-1), 500)
      assert.isAtMost(heard.length, 3)
      assert.isAtMost(now.asked, 4)
    }).pipe(Effect.provide(Reactivity.layer)))

  it.scoped("Q2 touches that go on are answered at a pace", () =>
    Effect.gen(function*() {
      const { after, touch } = yield* watching("pot")
      yield* after("1 second")
      const heard: Array<number> = []
      for (let value = 1; value <= 100; value++) {
        yield* touch(value)
        heard.push(...(yield* after("10 millis")))
      }
      heard.push(...(yield* after("1 second")))
      assert.strictEqual(heard.at(-1), 100)
      assert.isAtLeast(heard.length, 8)
      assert.isAtMost(heard.length, 14)
    }).pipe(Effect.provide(Reactivity.layer)))

  it.scoped("Q3 an answer equal to the one before is not sent, nor is another key's touch heard", () =>
    Effect.gen(function*() {
      const { after, now, touch } = yield* watching("pot")
      assert.deepStrictEqual(yield* after("1 second"), [0])
      yield* touch(0)
      assert.deepStrictEqual(yield* after("1 second"), [])
      assert.strictEqual(now.asked, 2)
      yield* touch(3, "cup")
      assert.deepStrictEqual(yield* after("1 second"), [])
      assert.strictEqual(now.asked, 2)
      yield* touch(3)
      assert.deepStrictEqual(yield* after("1 second"), [3])
    }).pipe(Effect.provide(Reactivity.layer)))

  it.scoped("who stops watching is forgotten", () =>
    Effect.gen(function*() {
      const reactivity = yield* Reactivity.Reactivity
      let asked = 0
      const answers = watch(["pot"], Effect.sync(() => ++asked))
      yield* Stream.runDrain(Stream.take(answers, 1))
      yield* reactivity.invalidate(["pot"])
      yield* TestClock.adjust("1 second")
      assert.strictEqual(asked, 1)
    }).pipe(Effect.provide(Reactivity.layer)))
})
