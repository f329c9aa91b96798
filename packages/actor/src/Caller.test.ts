/** One call to one actor, in all weathers. */
import { assert, describe, it } from "@effect/vitest"
import { CircleAddress, NoSuchCircle } from "@vivim/contract/Circle"
import { Unavailable } from "@vivim/contract/Refusal"
import { CircleId, CommandId, DeviceId, Did } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Caller from "./Caller.ts"

const archive = {
  commandId: CommandId.make("01890000-0000-7000-8000-000000000001"),
  circleId: CircleId.make("lanterns")
}
const ada = { by: Did.make("did:key:zAda"), device: DeviceId.make("phone") }
const receipt = new Receipt({ stream: "circle/lanterns", version: 1, position: 1 })

const usual = { attemptMax: "10 seconds", patience: "30 seconds" } as const

/** Archives the circle at an actor that answers one thing after the other, the last one for good. */
const call = (...answers: ReadonlyArray<Effect.Effect<Receipt, unknown>>) => callIn(usual, answers)

const callIn = (
  times: { readonly attemptMax: Duration.DurationInput; readonly patience: Duration.DurationInput },
  answers: ReadonlyArray<Effect.Effect<Receipt, unknown>>
) => {
  const heard: Array<{ readonly id: string; readonly payload: unknown; readonly headers: unknown }> = []
  const ask = Caller.make(CircleAddress, (id) => ({
    ArchiveCircle: (payload, { headers }) =>
      Effect.suspend(() => {
        heard.push({ id, payload, headers })
        return answers[Math.min(heard.length, answers.length) - 1]!
      })
  }), times)
  return { heard, answer: Effect.exit(ask("ArchiveCircle", archive, ada)) }
}

/** The answer, however long it takes; and how long it took, in seconds. */
const patiently = <A>(work: Effect.Effect<A>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(work)
    for (let seconds = 0; seconds < 60; seconds++) {
      const done = yield* Fiber.poll(fiber)
      if (done._tag === "Some") return { seconds, exit: yield* done.value }
      yield* TestClock.adjust("1 second")
    }
    return assert.fail("it hangs")
  })

const weather: Readonly<Record<string, Effect.Effect<Receipt, unknown>>> = {
  "a full mailbox": Effect.fail({ _tag: "MailboxFull" }),
  "an actor that went away": Effect.interrupt,
  "an actor that is elsewhere": Effect.fail({ _tag: "EntityNotAssignedToRunner" }),
  "a line that broke": Effect.die({ _tag: "SocketError" })
}

describe("Caller", () => {
  it.effect("G1 a refusal is passed on at once, and so is a defect", () =>
    Effect.gen(function*() {
      const refusals = [new NoSuchCircle(archive), new Unavailable({ message: "busy", retryAfterMs: 9 })]
      for (const refusal of refusals) {
        const { answer, heard } = call(Effect.fail(refusal))
        assert.deepStrictEqual(yield* answer, Exit.fail(refusal))
        assert.lengthOf(heard, 1)
      }
      const { answer, heard } = call(Effect.die("the pot broke"))
      assert.deepStrictEqual(yield* answer, Exit.die("the pot broke"))
      assert.lengthOf(heard, 1)
    }))

  for (const [what, answer] of Object.entries(weather)) {
    it.effect(`G1 ${what} is no answer: the same command goes again until there is one`, () =>
      Effect.gen(function*() {
        const asked = call(answer, answer, Effect.succeed(receipt))
        const { exit } = yield* patiently(asked.answer)
        assert.deepStrictEqual(exit, Exit.succeed(receipt))
        const headers = { "vivim-by": ada.by, "vivim-device": ada.device }
        const heard = { id: "lanterns", payload: archive, headers }
        assert.deepStrictEqual(asked.heard, [heard, heard, heard])
      }))

    it.effect(`G2 ${what} that stays ends as Unavailable`, () =>
      Effect.gen(function*() {
        const { exit, seconds } = yield* patiently(call(answer).answer)
        assert(Exit.isFailure(exit))
        assert.deepInclude(Cause.squash(exit.cause), { _tag: "Unavailable", message: "circle lanterns did not answer" })
        assert.isAtLeast(seconds, 25)
      }))
  }

  it.effect("G2 a call nobody answers ends as Unavailable, and what hangs is let go", () =>
    Effect.gen(function*() {
      let hanging = 0
      const never = Effect.acquireUseRelease(
        Effect.sync(() => hanging++),
        () => Effect.never,
        () => Effect.sync(() => hanging--)
      )
      const { answer, heard } = call(never)
      const { exit, seconds } = yield* patiently(answer)
      assert(Exit.isFailure(exit))
      assert.deepInclude(Cause.squash(exit.cause), { _tag: "Unavailable" })
      assert.isAtMost(seconds, 45)
      assert.isAtLeast(heard.length, 3)
      assert.strictEqual(hanging, 0)
    }))

  it.effect("G2 how long an attempt may take, and how long there are any, is as the node is told", () =>
    Effect.gen(function*() {
      const { answer, heard } = callIn({ attemptMax: "2 seconds", patience: "5 seconds" }, [Effect.never])
      const { exit, seconds } = yield* patiently(answer)
      assert.isTrue(Exit.isFailure(exit))
      assert.isAtMost(seconds, 9)
      assert.lengthOf(heard, 4)
      assert.deepStrictEqual({ ...(yield* Caller.Times) }, usual)
    }))

  it.effect("G2 a caller who goes away is not kept", () =>
    Effect.gen(function*() {
      const { answer } = call(Effect.never)
      const fiber = yield* Effect.fork(answer)
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
    }))

  it.effect("who speaks is read back from the headers; a message of nobody is a bug", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Caller.fromHeaders({ "vivim-by": ada.by, "vivim-device": "phone" }), ada)
      assert.deepStrictEqual(yield* Caller.fromHeaders({ "vivim-by": ada.by }), { ...ada, device: null })
      const traced = { "vivim-by": ada.by, traceparent: "00-1-2-01" }
      assert.deepStrictEqual(yield* Caller.fromHeaders(traced), { by: ada.by, device: null, trace: "00-1-2-01" })
      const causes = { causationId: "the event", correlationId: "the first command" }
      const caused = { "vivim-by": ada.by, "vivim-causation": "the event", "vivim-correlation": "the first command" }
      assert.deepStrictEqual(yield* Caller.fromHeaders(caused), { ...ada, device: null, causes })
      for (const headers of [{}, { "vivim-by": "Ada" }]) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Caller.fromHeaders(headers))))
      }
    }))
})
