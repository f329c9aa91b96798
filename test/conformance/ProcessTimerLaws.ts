/** What must hold of every process store about what waits: timers, and what is stuck. */
import type { ProcessStore } from "@vivim/process/ProcessStore"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { assert } from "vitest"
import { type Law, law } from "./Law.ts"
import { ids, nothing, processOf, step, timer } from "./ProcessBook.ts"

const timers: ReadonlyArray<Law<ProcessStore["Type"]>> = [
  law("P5 timers come when they are due, each on its own, and are found by their time", function*(store) {
    const it = processOf(store)
    yield* it.begin
    assert.isNull(yield* it.due)
    yield* it.decide({
      steps: [timer("t1", 300), timer("t2", 100, { name: "steep" }), timer("t3", 200, { key: "k2" })]
    })
    assert.strictEqual(yield* it.due, 100)
    assert.isEmpty(yield* it.claim(99))
    assert.deepStrictEqual(ids(yield* it.claim(250, 400)), ["t2", "t3"])
    assert.strictEqual(yield* it.due, 300)
    assert.deepStrictEqual(ids(yield* it.claim(300, 1_000)), ["t1"])
    assert.strictEqual(yield* it.due, 400)
    assert.deepInclude(yield* it.figures, { timers: 3, waiting: 0 })
  }),

  law("P5 a timer set again has moved; cancelled it is gone, also out of the hand that held it", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({ steps: [timer("t1", 100)] })
    const [held] = yield* it.claim(100)
    yield* it.decide({ steps: [timer("t2", 500, { body: { pot: 2 } })] })
    let left: ReadonlySet<string> = new Set(["?"])
    yield* it.decide({}, {
      ends: [held!],
      decide: (known) => {
        left = known.held
        return nothing
      }
    })
    assert.isEmpty(left)
    assert.isEmpty(yield* it.claim(499))
    const [moved] = yield* it.claim(500)
    assert.deepInclude(moved, { id: "t2", dueAt: 500, body: { pot: 2 } })
    yield* it.decide({ cancelled: [{ key: "k1", name: "boil" }, { key: "k1", name: "never set" }] })
    assert.strictEqual((yield* it.figures).timers, 0)
    yield* it.end(moved!)
    assert.isNull(yield* it.due)
  }),

  law("P5 a timer does not wait for the commands of its key, nor they for it", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({ steps: [step({ id: "a" }), timer("t", 0), step({ id: "b" })] })
    assert.deepStrictEqual(ids(yield* it.claim(0)).toSorted(), ["a", "t"])
  })
]

const stuck: ReadonlyArray<Law<ProcessStore["Type"]>> = [
  law("P6 a stuck step waits with its key, is told, and goes on when it is retried or dropped", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({
      steps: [step({ id: "a1", key: "a" }), step({ id: "a2", key: "a" }), step({ id: "b1", key: "b" })]
    })
    const [a1, b1] = yield* it.claim(0)
    yield* it.end(b1!)
    yield* store.postpone(it.process, [{ ...a1!, dueAt: 10, attempts: 9, reason: "it rains", stuckAt: 5 }])
    assert.isEmpty(yield* it.claim(1_000))
    assert.isNull(yield* it.due)
    assert.deepInclude(yield* it.figures, { stuck: 1, waiting: 1 })
    const mine = Effect.map(store.stuck(1_000), (all) => all.filter(({ process }) => process === it.process))
    assert.deepStrictEqual(yield* mine, [
      {
        process: it.process,
        id: "a1",
        kind: "ask",
        key: "a",
        name: "Pour",
        attempts: 9,
        reason: "it rains",
        stuckAt: 5
      }
    ])
    assert.isFalse(yield* store.retry(it.process, "a2", 0), "it is not stuck")
    assert.isNull(yield* store.drop(it.process, "a2", Effect.succeed))
    assert.isTrue(yield* store.retry(it.process, "a1", 20))
    const [again] = yield* it.claim(20)
    assert.deepInclude(again, { id: "a1", attempts: 0 })
    yield* it.decide({ stuck: [{ id: "a1", reason: "a bug" }] }, { ends: [again!], now: 30 })
    assert.deepStrictEqual((yield* mine).map(({ reason, stuckAt }) => [reason, stuckAt]), [["a bug", 30]])
    assert.strictEqual((yield* store.drop(it.process, "a1", Effect.succeed))?.key, "a")
    assert.deepStrictEqual(ids(yield* it.claim(20)), ["a2"])
    assert.isEmpty(yield* mine)
  }),

  law("P8 a step is given up once that is recorded, and what cannot be recorded stays", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({ steps: [step({ id: "a1", key: "a", stuck: "a bug" }), step({ id: "a2", key: "a" })] })
    assert.strictEqual(yield* Effect.flip(store.drop(it.process, "a1", () => Effect.fail("no"))), "no")
    assert.isEmpty(yield* it.claim(0))
    const recording = yield* Deferred.make<void>()
    const going = yield* Deferred.make<void>()
    const dropping = yield* Effect.fork(
      store.drop(it.process, "a1", ({ id, key, kind, name, reason }) =>
        Deferred.succeed(recording, undefined).pipe(
          Effect.zipRight(Deferred.await(going)),
          Effect.as({ id, key, kind, name, reason })
        ))
    )
    yield* Deferred.await(recording)
    const retrying = yield* Effect.fork(store.retry(it.process, "a1", 0))
    yield* Effect.yieldNow()
    assert.isEmpty(yield* it.claim(0), "it is still there, and nobody has it")
    yield* Deferred.succeed(going, undefined)
    const told = { id: "a1", key: "a", kind: "ask", name: "Pour", reason: "a bug" }
    assert.deepStrictEqual(yield* Fiber.join(dropping) as Effect.Effect<unknown>, told)
    assert.isFalse(yield* Fiber.join(retrying) as Effect.Effect<unknown>)
    assert.deepStrictEqual(ids(yield* it.claim(0)), ["a2"])
    assert.isNull(yield* store.drop(it.process, "a1", () => Effect.die("there is nothing to record")))
  }),

  law("P6 an event that is parked is known by its key until it is through", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({
      steps: [
        step({ id: "e1", kind: "event", key: "a", stuck: "a bug" }),
        step({ id: "e2", kind: "event", key: "a" }),
        step({ id: "e3", key: "b" })
      ]
    })
    let parked: ReadonlySet<string> = new Set()
    const look = it.decide({}, {
      keys: ["a", "b"],
      decide: (known) => {
        parked = known.parked
        return nothing
      }
    })
    yield* look
    assert.deepStrictEqual([...parked], ["a"])
    assert.deepStrictEqual(ids(yield* it.claim(0)), ["e3"])
    yield* store.drop(it.process, "e1", Effect.succeed)
    const [e2] = yield* it.claim(0)
    yield* it.end(e2!)
    yield* look
    assert.isEmpty(parked)
  }),

  law("P7 what can be claimed now is due now; what waits behind another is not", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({ steps: [step({ id: "a1" }), step({ id: "a2" }), timer("t", 700)] })
    assert.strictEqual(yield* it.due, 0)
    const [a1] = yield* it.claim(0, 300)
    assert.strictEqual(yield* it.due, 300, "when the claim runs out")
    yield* it.end(a1!)
    assert.strictEqual(yield* it.due, 0)
    const [a2] = yield* it.claim(0, 300)
    yield* it.end(a2!)
    assert.strictEqual(yield* it.due, 700)
  })
]

export const timerLaws: ReadonlyArray<Law<ProcessStore["Type"]>> = [...timers, ...stuck]
