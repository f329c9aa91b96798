/** Reading the log in batches. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { event } from "./EventExample.ts"
import { EventStore } from "./EventStore.ts"
import * as LogBatches from "./LogBatches.ts"

const log = Effect.gen(function*() {
  const store = Context.get(yield* Layer.build(EventStore.layerMemory), EventStore)
  const state = (...types: ReadonlyArray<string>) =>
    Effect.forEach(types, (type) => store.append("tea/1", "any", [event({ type })]))
  const seen: Array<readonly [ReadonlyArray<number>, number]> = []
  const take: LogBatches.Take<never, never> = (events, upTo) =>
    Effect.sync(() => void seen.push([events.map(({ position }) => position), upTo]))
  return { store, state, seen, take }
})
const some = Effect.repeatN(Effect.yieldNow(), 200)

describe("LogBatches", () => {
  it.scoped("B1 the past comes by its types, and its end is told", () =>
    Effect.gen(function*() {
      const { seen, state, store, take } = yield* log
      yield* state("tea.Poured", "tea.Filled", "tea.Poured", "tea.Poured", "tea.Filled")
      const range = { after: 0, upTo: 5, types: ["tea.Poured"], batchMax: 2 }
      yield* LogBatches.past(store, range, take)
      assert.deepStrictEqual(seen.splice(0), [[[1, 3], 3], [[4], 4], [[], 5]])
      yield* LogBatches.past(store, { ...range, after: 5 }, take)
      assert.isEmpty(seen)
    }))

  it.scoped("B2 what comes while a batch is worked on is taken together", () =>
    Effect.gen(function*() {
      const { seen, state, store, take } = yield* log
      const busy = yield* Deferred.make<void>()
      yield* Effect.forkScoped(
        LogBatches.live(store, { after: 0, batchMax: 4 }, (events, upTo) =>
          Effect.zipRight(upTo === 1 ? Deferred.await(busy) : Effect.void, take(events, upTo)))
      )
      for (let n = 0; n < 7; n++) {
        yield* state("tea.Poured")
        yield* some
      }
      assert.isEmpty(seen)
      yield* Deferred.succeed(busy, undefined)
      yield* some
      assert.deepStrictEqual(seen, [[[1], 1], [[2, 3, 4, 5], 5], [[6, 7], 7]])
    }))

  it.scoped("B3 each event comes once and in order, and a batch that fails ends the reading", () =>
    Effect.gen(function*() {
      const { seen, state, store, take } = yield* log
      yield* state("tea.Poured", "tea.Filled")
      const reading = yield* Effect.fork(
        LogBatches.live(
          store,
          { after: 1, batchMax: 1 },
          (events, upTo) => upTo === 4 ? Effect.fail("enough") : take(events, upTo)
        )
      )
      yield* some
      yield* state("tea.Filled", "tea.Poured", "tea.Poured")
      assert.deepStrictEqual(yield* Fiber.await(reading), Exit.fail("enough"))
      assert.deepStrictEqual(seen, [[[2], 2], [[3], 3]])
    }))
})
