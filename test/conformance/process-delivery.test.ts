/** One step carried out, on a clock in hand. */
import { assert, describe, it } from "@effect/vitest"
import { NotAllowed, Unavailable, VaultLocked } from "@vivim/contract/Refusal"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Delivery from "@vivim/process/Delivery"
import type { Step } from "@vivim/process/Step"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { ada, limits, minder, TooCold } from "./Kettles.ts"

const commandId = "0190b3c0-0000-7000-8000-000000000001"
const step: Step = {
  id: commandId,
  kind: "ask",
  key: "a",
  name: "Cool",
  dueAt: 0,
  body: { kind: "stove", by: ada, payload: { commandId, kettle: "a" } },
  claim: 1,
  attempts: 0
}

/** What comes of a step when the stove answers so. */
const outcome = (
  answer: Effect.Effect<unknown, unknown>,
  parts: Partial<Step> = {},
  more: Partial<Delivery.Means> = {}
) =>
  Effect.gen(function*() {
    const eventStore = Context.get(yield* Layer.build(EventStore.layerMemory), EventStore)
    const means = { process: minder, eventStore, ask: { stove: () => answer }, limits, ...more }
    return yield* Delivery.carryOut(means, { ...step, ...parts })
  })

describe("Delivery", () => {
  it.scoped("C1 a refusal is an answer; what is unavailable, broken or gone is weather", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* outcome(Effect.void))._tag, "Answered")
      for (const refusal of [new TooCold({ until: 5 }), new NotAllowed({ message: "no" })]) {
        assert.deepInclude(yield* outcome(Effect.fail(refusal)), { _tag: "Refused", refusal })
      }
      const away = new Unavailable({ message: "it rains", retryAfterMs: 700 })
      assert.deepInclude(yield* outcome(Effect.fail(away)), { _tag: "Weather", reason: "it rains", pauseMs: 700 })
      assert.deepInclude(yield* outcome(Effect.dieMessage("a bug")), { _tag: "Weather" })
      assert.deepInclude(yield* outcome(Effect.interrupt), { _tag: "Weather" })
      const nobody: any = yield* outcome(Effect.void, {}, { ask: {} })
      assert.include(nobody.reason, "no stove to ask")
      const gone: any = yield* outcome(Effect.void, { kind: "event", body: { position: 3 } })
      assert.include(gone.reason, "not in the log")
    }))

  it.scoped("C2 a command that gets no answer is given up for this time", () =>
    Effect.gen(function*() {
      const asking = yield* Effect.fork(outcome(Effect.never))
      yield* TestClock.adjust("9 seconds")
      assert.isNull(yield* Effect.map(Fiber.poll(asking), (exit) => exit._tag === "None" ? null : exit))
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(asking), { _tag: "Weather", reason: "no answer in time" })
    }))

  it.scoped("C4 a locked vault is waited for, and that is no attempt", () =>
    Effect.gen(function*() {
      const met: any = yield* outcome(Effect.fail(new VaultLocked({ message: "unlock it" })), { attempts: 3 })
      assert.deepInclude(met, { _tag: "Weather", lockedBy: ada, reason: Delivery.lockedReason(ada) })
      const later = Delivery.later({ ...limits, attemptsMax: 4 }, 1_000, met)
      assert.deepInclude(later, { attempts: 3, stuckAt: null, reason: Delivery.lockedReason(ada) })
    }))

  it("C3 pauses grow up to a bound, and after the last attempt the step is stuck", () => {
    const patient = { ...limits, attemptsMax: 12 }
    const at = (attempts: number, pauseMs = 0) =>
      Delivery.later(patient, 1_000, { _tag: "Weather", step: { ...step, attempts }, reason: "rain", pauseMs })
    assert.deepStrictEqual([0, 1, 2, 3].map((n) => at(n).dueAt - 1_000), [500, 1_000, 2_000, 4_000])
    assert.strictEqual(at(10).dueAt, 61_000)
    assert.strictEqual(at(0, 9_000).dueAt, 10_000, "no sooner than it was asked to wait")
    assert.deepInclude(at(10), { attempts: 11, stuckAt: null })
    assert.deepInclude(at(11), { id: commandId, claim: 1, attempts: 12, stuckAt: 1_000, reason: "rain" })
  })
})
