/** What must hold of every process store, whatever it keeps its steps in. */
import type { Claimed } from "@vivim/process/Step"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { type Law, law, run } from "./Law.ts"
import { type Book, ids, nothing, processOf, step } from "./ProcessBook.ts"
import { timerLaws } from "./ProcessTimerLaws.ts"

const decisions: ReadonlyArray<Law<Book>> = [
  law("P1 a checkpoint moves with what was decided, and is there for whoever begins next", function*(store) {
    const it = processOf(store)
    assert.strictEqual(yield* it.begin, 0)
    assert.isTrue(yield* it.decide({ steps: [step()] }, { moves: { from: 0, to: 7 } }))
    assert.strictEqual(yield* it.begin, 7)
    assert.deepInclude(yield* it.figures, { position: 7, waiting: 1, ended: 0 })
    const [claimed] = yield* it.claim(0)
    const { body, claim: _, ...taken } = claimed!
    assert.deepStrictEqual(taken, { id: "s1", kind: "ask", key: "k1", name: "Pour", dueAt: 0, attempts: 0 })
    assert.deepStrictEqual(body, { cup: "ü", n: [1, null] })
  }),

  law("P1 a decision that breaks down leaves nothing of itself", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.step({ id: "kept" })
    const [kept] = yield* it.claim(0)
    const broken = it.decide({}, {
      moves: { from: 0, to: 9 },
      ends: [kept!],
      decide: () => {
        throw new Error("a bug")
      }
    })
    assert.strictEqual((yield* Effect.exit(broken))._tag, "Failure")
    assert.strictEqual(yield* it.begin, 0)
    assert.deepInclude(yield* it.figures, { waiting: 1, ended: 0 })
    assert.deepStrictEqual(ids(yield* it.claim(100)), ["kept"])
  }),

  law("P1 what ends and what follows from it are one; memory and refusals are kept with them", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.step({ id: "first" })
    const [first] = yield* it.claim(0)
    const refused = { id: "first", key: "k1", command: "Pour", refusal: "Empty", at: 5 }
    yield* it.decide({
      ended: ["first"],
      steps: [step({ id: "second" })],
      memories: new Map([["k1", { cups: 1 }], ["k2", { cups: 2 }]]),
      refused: [refused]
    }, { ends: [first!] })
    assert.deepStrictEqual(ids(yield* it.claim(0)), ["second"])
    assert.deepInclude(yield* it.figures, { ended: 1, refused: 1 })
    assert.deepStrictEqual(yield* store.refusals(it.process), [refused])
    let memories: ReadonlyMap<string, unknown> = new Map()
    const look = it.decide({}, {
      keys: ["k1", "k2", "k3"],
      decide: (known) => {
        memories = known.memories
        return nothing
      }
    })
    yield* look
    assert.deepStrictEqual(new Map(memories), new Map([["k1", { cups: 1 }], ["k2", { cups: 2 }]]))
    yield* it.decide({ memories: new Map([["k1", null]]) })
    yield* look
    assert.deepStrictEqual([...memories.keys()], ["k2"])
  }),

  law("P2 of several readers at one place one decides, and the others nothing", function*(store) {
    const it = processOf(store)
    yield* it.begin
    const decided = yield* Effect.forEach(
      run(1, 5),
      (n) => it.decide({ steps: [step({ id: `s${n}` })] }, { moves: { from: 0, to: n } }),
      { concurrency: "unbounded" }
    )
    assert.strictEqual(decided.filter((kept) => kept).length, 1)
    assert.strictEqual((yield* it.figures).waiting, 1)
    assert.strictEqual(yield* it.begin, decided.indexOf(true) + 1)
  }),

  law("P2 the same step decided again is there once", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.step({ id: "s1" })
    yield* it.step({ id: "s1", body: "other" })
    assert.deepStrictEqual((yield* it.claim(0)).map(({ body }) => body), [{ cup: "ü", n: [1, null] }])
  })
]

const claims: ReadonlyArray<Law<Book>> = [
  law("P3 a step is in one hand at a time, however many reach for it", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({ steps: run(1, 40).map((n) => step({ id: `s${n}`, key: `k${n}` })) })
    const hands = yield* Effect.forEach(run(1, 8), () => it.claim(0, 100, 10), { concurrency: "unbounded" })
    const taken = hands.flatMap(ids)
    assert.strictEqual(new Set(taken).size, taken.length)
    const rest = ids(yield* it.claim(0))
    assert.strictEqual(taken.length + rest.length, 40)
    assert.isEmpty(yield* it.claim(99))
  }),

  law("P3 a claim that ran out is taken over, and whoever was too slow ends nothing", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.step({})
    const [slow] = yield* it.claim(0, 100)
    const [quick] = yield* it.claim(100, 200)
    assert.strictEqual(quick?.id, "s1")
    let held = new Set<string>()
    const ending = (step: Claimed) =>
      it.decide({}, {
        ends: [step],
        decide: (known) => {
          held = new Set(known.held)
          return { ...nothing, ended: [...known.held] }
        }
      })
    yield* ending(slow!)
    assert.isEmpty(held)
    yield* store.postpone(it.process, [{ ...slow!, dueAt: 900, attempts: 3, reason: "late", stuckAt: 1 }])
    assert.deepInclude(yield* it.figures, { waiting: 1, stuck: 0 })
    yield* ending(quick!)
    assert.deepStrictEqual([...held], ["s1"])
    yield* ending(quick!)
    assert.isEmpty(held)
    assert.deepInclude(yield* it.figures, { waiting: 0, ended: 1 })
  }),

  law("P3 what is given back can be claimed at once", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.step({})
    yield* it.claim(0, 1_000)
    assert.isEmpty(yield* it.claim(1))
    yield* store.release(it.process)
    assert.deepStrictEqual(ids(yield* it.claim(1)), ["s1"])
  }),

  law("P4 steps of a key come one by one in their order, those of other keys beside them", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({
      steps: run(1, 6).map((n) => step({ id: `s${n}`, key: `k${n % 2}` }))
    })
    yield* it.step({ id: "s7", key: "k1" })
    const seen: Array<string> = []
    for (let n = 0; n < 10; n++) {
      const claimed = yield* it.claim(0)
      assert.strictEqual(new Set(claimed.map(({ key }) => key)).size, claimed.length)
      assert.isEmpty(yield* it.claim(0), "what is in hand holds its key")
      seen.push(...ids(claimed))
      yield* Effect.forEach(claimed, it.end)
    }
    assert.deepStrictEqual(seen, ["s1", "s2", "s3", "s4", "s5", "s6", "s7"])
  }),

  law("P4 a step that is put off holds its key, and no other", function*(store) {
    const it = processOf(store)
    yield* it.begin
    yield* it.decide({
      steps: [step({ id: "a1", key: "a" }), step({ id: "a2", key: "a" }), step({ id: "b1", key: "b" })]
    })
    const [a1, b1] = yield* it.claim(0)
    yield* store.postpone(it.process, [{ ...a1!, dueAt: 50, attempts: 1, reason: "rain", stuckAt: null }])
    yield* it.end(b1!)
    assert.isEmpty(yield* it.claim(49))
    assert.strictEqual(yield* it.due, 50)
    const [again] = yield* it.claim(50)
    assert.deepInclude(again, { id: "a1", attempts: 1 })
    yield* it.end(again!)
    assert.deepStrictEqual(ids(yield* it.claim(50)), ["a2"])
  })
]

export const processStoreLaws: ReadonlyArray<Law<Book>> = [...decisions, ...claims, ...timerLaws]
