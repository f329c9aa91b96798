/** Requests that travel together, and what their callers hear. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Batch from "./Batch.ts"

/** Calls are kept, and none returns before the gate is open. */
const gated = (max: number, answer: (request: number) => Exit.Exit<number, string>) =>
  Effect.gen(function*() {
    const calls: Array<ReadonlyArray<number>> = []
    const gate = yield* Deferred.make<void>()
    const begun = yield* Deferred.make<void>()
    const ask = yield* Batch.make<number, number, string>(max, (requests) =>
      Effect.gen(function*() {
        calls.push(requests)
        yield* Deferred.succeed(begun, undefined)
        yield* Deferred.await(gate)
        if (requests.includes(13)) return yield* Effect.fail("all of it")
        if (requests.includes(99)) return yield* Effect.dieMessage("broken")
        return requests.map(answer)
      }))
    return { ask, begun: Deferred.await(begun), calls, open: Deferred.succeed(gate, undefined) }
  })

/** Asked while the first call is under way: they go with the next ones. */
const asked = (max: number, requests: ReadonlyArray<number>, answer: (n: number) => Exit.Exit<number, string>) =>
  Effect.gen(function*() {
    const { ask, begun, calls, open } = yield* gated(max, answer)
    const first = yield* Effect.fork(ask(0))
    yield* begun
    const rest = yield* Effect.forEach(requests, (n) => Effect.fork(ask(n)))
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    yield* open
    const answers = yield* Effect.forEach([first, ...rest], Fiber.await)
    return { answers, ask, calls }
  })

const twice = (n: number) => Exit.succeed(n * 2)

describe("requests that travel together", () => {
  it.scoped("B1 go with the next call, each with an answer of its own", () =>
    Effect.gen(function*() {
      const { answers, calls } = yield* asked(3, [1, 2, 3, 4, 5, 6, 7], (n) => n === 4 ? Exit.fail("four") : twice(n))
      assert.deepStrictEqual(
        answers,
        [0, 1, 2, 3, 4, 5, 6, 7].map((n) => n === 4 ? Exit.fail("four") : Exit.succeed(n * 2))
      )
      assert.deepStrictEqual(calls, [[0], [1, 2, 3], [4, 5, 6], [7]])
    }))

  it.scoped("B1 asked at one moment, go together from the first call on", () =>
    Effect.gen(function*() {
      const { ask, calls, open } = yield* gated(8, twice)
      yield* open
      assert.deepStrictEqual(yield* Effect.forEach([1, 2, 3], ask, { concurrency: "unbounded" }), [2, 4, 6])
      assert.deepStrictEqual(calls, [[1, 2, 3]])
    }))

  it.scoped("B3 wait for a place when as many wait already as fit", () =>
    Effect.gen(function*() {
      const { answers, calls } = yield* asked(2, [1, 2, 3, 4, 5, 6], twice)
      assert.deepStrictEqual(answers, [0, 1, 2, 3, 4, 5, 6].map(twice))
      for (const call of calls) assert.isAtMost(call.length, 2)
    }))

  it.scoped("B2 hear of a call that fails or breaks when they went with it, and nobody else does", () =>
    Effect.gen(function*() {
      const failed = yield* asked(8, [1, 13], twice)
      assert.deepStrictEqual(failed.answers, [Exit.succeed(0), Exit.fail("all of it"), Exit.fail("all of it")])
      assert.strictEqual(yield* failed.ask(5), 10)
      const broken = yield* asked(8, [1, 99], twice)
      assert.deepStrictEqual(broken.answers.map(Exit.isSuccess), [true, false, false])
      assert.strictEqual(yield* broken.ask(5), 10)
    }))
})
