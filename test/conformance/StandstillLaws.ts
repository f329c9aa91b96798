/** What is true of registry views that stand still: who may let them go on, what is passed over, and what the weather does not do. */
import * as Event from "@vivim/event-schemas/Event"
import { Text } from "@vivim/event-schemas/ids"
import type { Report } from "@vivim/projection/Progress"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import { type View, ViewFailure } from "@vivim/projection/View"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { assert } from "vitest"
import { all } from "./Events.ts"
import { type Law, law as lawOf } from "./Law.ts"
import { assertRight, calm, expectedPots, pots, potsView, readPots, tea } from "./Pots.ts"
import { Filled, Poured } from "./Tea.ts"
import { eventually, skipping, type ViewWorld, withdrawing } from "./ViewWorld.ts"

const law = lawOf<ViewWorld>
const silent: Report = () => Effect.void

/** A view of pots that cannot take the events at some positions. */
const picky = (poison: ReadonlySet<number>, version = 1) =>
  SqlRegistry.make(potsView({
    version,
    meet: (position) => {
      if (poison.has(position)) throw new Error("no such cup")
    }
  }))

const stoppedAt = (position: number) => (views: ReadonlyArray<any>) => views[0].stop?.position === position

/** The rows as they are when one position was never there. */
const assertWithout = ({ log, sql }: ViewWorld, skipped: number) =>
  Effect.gen(function*() {
    const events = (yield* all(log.readAll(0))).filter(({ position }) => position !== skipped)
    assert.deepStrictEqual(yield* readPots(sql), expectedPots(events))
  })

const skips: ReadonlyArray<Law<ViewWorld>> = [
  law("K1 what is passed over is passed over by whoever builds the view again", function*(world) {
    const poison = new Set([5])
    const node = yield* world.start([picky(poison), SqlRegistry.make(calm)])
    yield* tea(world, 9)
    yield* eventually(node.views.status, stoppedAt(5))
    const q: any = yield* node.views.skip("pots", 5, skipping(world, "pots", 5))
    yield* node.views.waitFor(q)
    yield* assertWithout(world, 5)
    assert.deepStrictEqual((yield* node.views.status as any)[0].skipped, [5])
    const [compared]: any = yield* node.views.compare(silent)
    assert.deepStrictEqual(compared.differences, [])
    yield* node.views.rebuild("pots", silent)!
    yield* assertWithout(world, 5)
    yield* node.kill
    // Another start, and another version: the log says so to both.
    for (const version of [1, 2]) {
      const next = yield* world.start([picky(poison, version)])
      yield* next.views.waitFor(yield* world.pour("d1"))
      yield* assertWithout(world, 5)
      yield* next.kill
    }
  }),

  law("K2 a skip that was withdrawn holds no more when the view is built again", function*(world) {
    const poison = new Set([5])
    const node = yield* world.start([picky(poison)])
    yield* tea(world, 9)
    yield* eventually(node.views.status, stoppedAt(5))
    yield* node.views.waitFor(yield* node.views.skip("pots", 5, skipping(world, "pots", 5)))
    poison.clear()
    yield* node.views.waitFor(yield* withdrawing(world, "pots", 5))
    yield* eventually(node.views.status, ([pots]) => pots!.skipped.length === 0)
    yield* assertWithout(world, 5)
    yield* node.views.rebuild("pots", silent)!
    yield* assertRight(world)
    yield* node.kill
  }),

  law("S2 only the event at which something stands can be passed over", function*(world) {
    const node = yield* world.start([picky(new Set([5])), SqlRegistry.make(calm)])
    yield* tea(world, 9)
    yield* eventually(node.views.status, stoppedAt(5))
    const record = Effect.dieMessage("it was recorded")
    for (const [view, position] of [["pots", 4], ["pots", 6], ["calm", 5]] as const) {
      assert.strictEqual((yield* Effect.flip(node.views.skip(view, position, record)) as any)._tag, "NotStopped")
    }
    const unknown: any = yield* Effect.flip(node.views.skip("nothing", 5, record))
    assert.deepInclude(unknown, { _tag: "NoSuchView", known: ["pots", "calm"] })
    // While it is recorded nobody lets the view go on.
    const recording = yield* Effect.fork(node.views.skip("pots", 5, Effect.delay(skipping(world, "pots", 5), 50)))
    yield* Effect.repeatN(Effect.yieldNow(), 20)
    const told = yield* Effect.fork(Effect.either(node.views.resume("pots")))
    yield* Fiber.join(recording)
    yield* Fiber.join(told)
    yield* node.views.waitFor(10)
    yield* assertWithout(world, 5)
    yield* node.kill
  }),

  law("S1 what does not stand still cannot be told to go on", function*(world) {
    const node = yield* world.start([pots()])
    yield* tea(world, 3)
    yield* node.views.waitFor(3)
    assert.strictEqual((yield* Effect.flip(node.views.resume("pots")) as any)._tag, "NotStopped")
    assert.strictEqual((yield* Effect.flip(node.views.resume("cups")) as any)._tag, "NoSuchView")
    yield* node.kill
  })
]

/** As its newest version, but what lifts the older one has a mistake. */
const Mislifted = Poured.next(
  { routing: {}, private: { note: Text } },
  {
    routing: () => {
      throw new Error("cannot be lifted")
    },
    private: () => ({ note: "" })
  }
)

const failing: ReadonlyArray<Law<ViewWorld>> = [
  law("W2 an event that cannot be lifted stops the view at that event", function*(world) {
    const view = potsView()
    const Lifting = { ...view, reads: Event.vocabulary(Filled, Mislifted) } as unknown as typeof view
    const node = yield* world.start([SqlRegistry.make(Lifting)])
    yield* tea(world, 4)
    const [stopped]: any = yield* eventually(node.views.status, stoppedAt(2))
    assert.match(stopped.stop.reason, /cannot be lifted/)
    assert.strictEqual(stopped.position, 1)
    yield* node.kill
  }),

  law("W6 in bad weather a view waits, says for what, and goes on by itself", function*(world) {
    let storm = false
    const weathered = Effect.map(pots(), (view): View => ({
      ...view,
      serving: Effect.map(view.serving, (target) =>
        target === null ? null : {
          ...target,
          apply: (facts, upTo) =>
            storm
              ? new ViewFailure({ view: "pots", position: upTo, cause: new Error("no disk") })
              : target.apply(facts, upTo)
        })
    }))
    const node = yield* world.start([weathered])
    yield* node.views.waitFor(yield* world.fill("d0"))
    storm = true
    yield* tea(world, 5)
    const [waiting]: any = yield* eventually(node.views.status, ([first]) => first!.state === "waiting")
    assert.deepInclude(waiting, { trouble: "no disk", stop: null, position: 1, lag: 5 })
    const seen = yield* Effect.fork(node.views.waitFor(6))
    storm = false
    yield* Fiber.join(seen)
    yield* assertRight(world)
    yield* node.kill
  })
]

export const standstillLaws: ReadonlyArray<Law<ViewWorld>> = [...skips, ...failing]
