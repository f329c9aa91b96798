/** Long work beside others, and alone. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as LiveWork from "./LiveWork.ts"
import * as Politeness from "./Politeness.ts"

/** Unless told otherwise. */
const usual = Effect.flatMap(Politeness.GivingWay, Politeness.make)

/** Holds the process. */
const hold = (ms: number) => {
  const until = performance.now() + ms
  while (performance.now() < until) { /* nothing else runs */ }
}

/** So many pieces of work; answers how long they were worked on, and how long all took. */
const work = (pieces: number, ms: number) =>
  Effect.gen(function*() {
    const polite = yield* Politeness.make("hurried")
    const since = performance.now()
    for (let n = 0; n < pieces; n++) {
      hold(ms)
      yield* polite.yield
    }
    return performance.now() - since
  })

describe("Politeness", () => {
  it("L1 while others have work, long work takes about a third of the time", async () => {
    let others = 0
    let ended = false
    const busy = (): void => {
      if (ended) return
      hold(2)
      others += 2
      setImmediate(busy)
    }
    setImmediate(busy)
    await Effect.runPromise(work(20, 4))
    ended = true
    assert.isAtLeast(others, 20 * 4)
    assert.isAtMost(others, 20 * 4 * 6)
  })

  it("L1 while nobody else has, it does not rest, and larger pieces are taken", async () => {
    let turns = 0
    let ended = false
    const idle = (): void => {
      if (ended) return
      turns++
      setTimeout(idle, 0)
    }
    idle()
    await Effect.runPromise(work(20, 4))
    ended = true
    assert.isAtLeast(turns, 5, "others are let in")
    const polite = await Effect.runPromise(Politeness.make("hurried"))
    polite.took(100, 1)
    for (let n = 0; n < 50; n++) polite.took(1_000, 10)
    const quick = polite.piece()
    for (let n = 0; n < 50; n++) polite.took(10, 10)
    assert.isAbove(quick, polite.piece() * 10)
    assert.isAtLeast(polite.piece(), 4)
    assert.isAtMost(quick, 4_096)
  })

  it.effect("L3 work nobody waits for goes in short pieces beside live work, and rests four times as long", () =>
    Effect.gen(function*() {
      const live = LiveWork.make()
      const polite = yield* Effect.provideService(usual, LiveWork.LiveWorkOfProcess, live)
      const hasEnded = (yielding: Fiber.RuntimeFiber<void>) =>
        Effect.map(Fiber.poll(yielding), (exit) => exit._tag === "Some")
      for (let n = 0; n < 50; n++) polite.took(1_000, 10)
      const [piece, batch] = [polite.piece(), polite.batch()]
      yield* live.heard
      assert.isBelow(polite.piece(), piece / 4)
      assert.isBelow(polite.batch(), batch)
      yield* TestClock.adjust("1 millis")
      yield* polite.yield
      yield* TestClock.adjust("2 millis")
      const resting = yield* Effect.fork(polite.yield)
      yield* TestClock.adjust("11 millis")
      assert.isFalse(yield* hasEnded(resting))
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(resting)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(polite.piece(), piece)
      // Time stands still: had it to pass, this would not end.
      yield* polite.yield
    }))

  it.effect("L3 how it gives way is as it was told", () =>
    Effect.gen(function*() {
      const live = LiveWork.make()
      const giving = { lingerMax: "1 second", pieceMax: "5 millis", restTimes: 10, restMax: "70 millis", batchMax: 7 }
      const polite = yield* Effect.provideService(
        Politeness.make(giving as Politeness.Giving),
        LiveWork.LiveWorkOfProcess,
        live
      )
      yield* live.heard
      assert.strictEqual(polite.batch(), 7)
      yield* TestClock.adjust("4 millis")
      // Time stands still: had it to pass, this would not end.
      yield* polite.yield
      for (const [worked, rests] of [[2, 60], [50, 70]]) {
        yield* TestClock.adjust(worked!)
        const resting = yield* Effect.fork(polite.yield)
        yield* TestClock.adjust(rests! - 1)
        assert.strictEqual((yield* Fiber.poll(resting))._tag, "None")
        yield* TestClock.adjust(1)
        yield* Fiber.join(resting)
      }
      yield* TestClock.adjust("806 millis")
      assert.strictEqual(polite.batch(), 7)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(polite.batch(), Infinity)
    }))

  it.effect("L3 told that somebody waits, it does not rest for live work any more", () =>
    Effect.gen(function*() {
      const live = LiveWork.make()
      const make = Effect.provideService(usual, LiveWork.LiveWorkOfProcess, live)
      const [patient, hurried] = [yield* make, yield* make]
      yield* hurried.hurry
      yield* live.heard
      yield* TestClock.adjust("50 millis")
      yield* hurried.yield
      assert.strictEqual(hurried.batch(), Infinity)
      const resting = yield* Effect.fork(patient.yield)
      yield* TestClock.adjust("199 millis")
      assert.strictEqual((yield* Fiber.poll(resting))._tag, "None", "it rests, but not for ever")
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(resting)
    }))
})
