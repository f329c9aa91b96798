/** A process at work, on a clock in hand. */
import { assert, describe, it } from "@effect/vitest"
import { Unavailable } from "@vivim/contract/Refusal"
import { ProcessStoreError } from "@vivim/process/ProcessStore"
import type * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as TestClock from "effect/TestClock"
import { ada, type Asked, bench, limits, settled, TooCold } from "./Kettles.ts"

const quiet = Logger.withMinimumLogLevel(LogLevel.None)
const after = (duration: Duration.DurationInput) => Effect.zipRight(TestClock.adjust(duration), settled)
const day = (n: number) => n * 86_400_000

/** A wall clock that can be set, beside the one that sleepers count by. */
const setClock = (wall: { ahead: number }) =>
  Effect.clockWith((clock) =>
    Effect.succeed<Clock.Clock>(Object.assign(Object.create(clock), {
      currentTimeMillis: Effect.map(clock.currentTimeMillis, (millis) => millis + wall.ahead),
      unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + wall.ahead
    }))
  )

const rain = new Unavailable({ message: "it rains", retryAfterMs: 0 })

describe("ProcessRunner", () => {
  it.scoped("R1 every event calls for its commands once, in order, also when the node is another", () =>
    Effect.gen(function*() {
      const { asked, empty, fill, heard, start } = yield* bench
      yield* fill("a")
      const first = yield* start()
      assert.deepStrictEqual(asked.map(({ by, times }) => [by, times]), [[ada, 1]])
      yield* fill("a")
      const { position } = yield* empty("b")
      yield* first.processes.waitFor(position)
      yield* settled
      assert.deepStrictEqual(heard(), ["Heat a", "Heat a", "Cool b"])
      yield* first.kill
      yield* fill("c")
      const second = yield* start()
      assert.deepStrictEqual(heard(), ["Heat c"])
      yield* fill("a")
      yield* settled
      assert.deepStrictEqual(asked.map(({ times }) => times), [3], "what is remembered is there")
      const [status] = yield* second.processes.status
      assert.deepInclude(status, { position: 5, lag: 0, failure: null, waiting: 0, timers: 2, stuck: 0, ended: 5 })
    }))

  it.scoped("R1 a command accepted and not yet put down is asked again with the same id", () =>
    Effect.gen(function*() {
      const { asked, fill, start, store } = yield* bench
      yield* fill("a")
      const seen = {
        ...store,
        decide: (decision: Parameters<typeof store.decide>[0]) =>
          decision.moves === null ? Effect.never : store.decide(decision),
        postpone: () => Effect.void
      }
      const dying = yield* start({ seen })
      assert.strictEqual(asked.length, 1)
      yield* dying.kill
      // Somebody else may be at it: then the claim is waited out.
      const other = yield* start({ alone: false })
      assert.strictEqual(asked.length, 1)
      yield* other.kill
      yield* start({ alone: true })
      assert.strictEqual(asked.length, 2)
      assert.deepStrictEqual(asked[1], asked[0])
      yield* after("1 hour")
      assert.strictEqual(asked.filter(({ tag }) => tag === "Heat").length, 2)
    }))

  it.scoped("R2 one key at a time and in order, others beside it, bounded", () =>
    Effect.gen(function*() {
      const { asked, fill, heard, start, stove } = yield* bench
      const gates = new Map<string, Deferred.Deferred<void>>()
      stove.answers = ({ commandId }) =>
        Effect.flatMap(Deferred.make<void>(), (gate) => {
          gates.set(commandId, gate)
          return Deferred.await(gate)
        })
      const open = (n: number) => Deferred.succeed(gates.get(asked[n]!.commandId)!, undefined)
      for (const name of ["a", "a", "b", "c", "d"]) yield* fill(name)
      yield* start({ limits: { ...limits, inFlightMax: 3 } })
      assert.deepStrictEqual(asked.map(({ kettle }) => kettle), ["a", "b", "c"])
      yield* open(1)
      yield* settled
      assert.deepStrictEqual(asked.map(({ kettle }) => kettle), ["a", "b", "c", "d"])
      yield* open(0)
      yield* settled
      assert.deepStrictEqual(asked.map(({ kettle, times }) => [kettle, times]).at(-1), ["a", 2])
      heard()
    }))

  it.scoped("R3 a timer rings at its time, and not when it was cancelled or moved", () =>
    Effect.gen(function*() {
      const { empty, fill, heard, start } = yield* bench
      yield* start()
      yield* fill("a", 60_000)
      yield* fill("b", 60_000)
      yield* fill("c", 60_000)
      yield* after("59 seconds")
      yield* empty("b")
      yield* fill("c", 90_000)
      yield* settled
      assert.deepStrictEqual(heard(), ["Heat a", "Heat b", "Heat c", "Cool b", "Heat c"])
      yield* after("1 second")
      assert.deepStrictEqual(heard(), ["Whistle a"])
      yield* after("1 minute")
      assert.deepStrictEqual(heard(), ["Whistle c"])
      yield* after("1 day")
      assert.deepStrictEqual(heard(), [])
    }))

  it.scoped("R3 a time that came while nobody was there is made up for, once", () =>
    Effect.gen(function*() {
      const { fill, heard, start } = yield* bench
      const first = yield* start()
      yield* fill("a", 60_000)
      yield* settled
      yield* first.kill
      yield* after("30 days")
      heard()
      const second = yield* start()
      assert.deepStrictEqual(heard(), ["Whistle a"])
      yield* second.kill
      yield* start()
      yield* after("1 day")
      assert.deepStrictEqual(heard(), [])
    }))

  it.scoped("R3 a clock set forward is noticed, one set back makes nothing ring twice or early", () =>
    Effect.gen(function*() {
      const { fill, heard, start } = yield* bench
      const wall = { ahead: day(100) }
      yield* start().pipe(Effect.withClock(yield* setClock(wall)))
      yield* fill("a", day(110))
      yield* fill("b", day(120))
      yield* settled
      heard()
      wall.ahead = day(111)
      yield* after("30 seconds")
      assert.deepStrictEqual(heard(), ["Whistle a"])
      wall.ahead = day(99)
      yield* fill("c", 9e12)
      yield* after("1 minute")
      assert.deepStrictEqual(heard(), ["Heat c"], "what is called for now does not wait for the clock to come back")
      yield* after("1 hour")
      assert.deepStrictEqual(heard(), [])
      wall.ahead = day(120)
      yield* after("30 seconds")
      assert.deepStrictEqual(heard(), ["Whistle b"])
    }))

  it.scoped("R4 at rest nothing is asked of the store, and a timer far away is looked at seldom", () =>
    Effect.gen(function*() {
      const { fill, heard, start, store } = yield* bench
      let calls = 0
      const count = <A extends ReadonlyArray<any>, B>(call: (...given: A) => B) => (...given: A) => {
        calls++
        return call(...given)
      }
      const seen = { ...store, claim: count(store.claim), nextDue: count(store.nextDue), decide: count(store.decide) }
      yield* start({ seen })
      calls = 0
      yield* after("1 day")
      assert.strictEqual(calls, 0)
      yield* fill("a", day(2))
      yield* settled
      heard()
      calls = 0
      yield* after("1 hour")
      assert.isAtMost(calls, 2 * 3_600 / 30 + 2, "twice in half a minute")
    }))

  it.scoped("R5 a refusal is told to the process, and kept", () =>
    Effect.gen(function*() {
      const { fill, heard, start, store, stove } = yield* bench
      let cold = true
      stove.answers = ({ tag }: Asked) => tag === "Whistle" && cold ? new TooCold({ until: 120_000 }) : Effect.void
      const { processes } = yield* start()
      yield* fill("a", 60_000)
      yield* after("1 minute")
      assert.deepStrictEqual(heard(), ["Heat a", "Whistle a"])
      assert.deepStrictEqual(
        (yield* processes.refusals("minder")).map(({ command, key, refusal }) => [command, key, refusal]),
        [["Whistle", "a", "TooCold"]]
      )
      cold = false
      yield* after("59 seconds")
      assert.deepStrictEqual(heard(), [])
      yield* after("1 second")
      assert.deepStrictEqual(heard(), ["Whistle a"])
      assert.deepInclude(yield* store.figures("minder"), { waiting: 0, timers: 0, refused: 1 })
    }))

  it.scoped("R5 bad weather is waited out, what stays stuck holds its key alone, and goes on when it is retried", () =>
    Effect.gen(function*() {
      const { asked, empty, fill, heard, start, stove } = yield* bench
      let raining = true
      stove.answers = ({ kettle }) => kettle === "a" && raining ? rain : Effect.void
      const { processes } = yield* start()
      yield* fill("a", 9e12)
      yield* empty("a")
      yield* fill("b", 9e12)
      yield* settled
      assert.deepStrictEqual(heard(), ["Heat a", "Heat b"])
      yield* after("1 hour")
      assert.deepStrictEqual(heard(), ["Heat a", "Heat a"], "three times in all")
      const [stuck] = yield* processes.stuck
      assert.deepInclude(stuck, { process: "minder", kind: "ask", name: "Heat", key: "a", attempts: 3 })
      assert.include(stuck!.reason, "it rains")
      assert.deepInclude((yield* processes.status)[0], { stuck: 1, waiting: 1 })
      raining = false
      yield* after("1 hour")
      assert.deepStrictEqual(heard(), [])
      assert.isTrue(yield* processes.retry("minder", stuck!.id))
      yield* settled
      assert.deepStrictEqual(asked.map(({ tag }) => tag), ["Heat", "Cool"])
      assert.isFalse(yield* processes.retry("minder", stuck!.id))
    }).pipe(quiet))

  it.scoped("R5 an event the process stumbles over holds its key alone, until it is dropped", () =>
    Effect.gen(function*() {
      const { empty, fill, heard, start } = yield* bench
      const { processes } = yield* start()
      yield* fill("cracked")
      yield* empty("cracked")
      yield* fill("a", 9e12)
      yield* settled
      assert.deepStrictEqual(heard(), ["Heat a"])
      const [stuck] = yield* processes.stuck
      assert.deepInclude(stuck, { kind: "event", name: "kettle.Filled", key: "cracked" })
      assert.include(stuck!.reason, "it leaks")
      assert.isTrue(yield* processes.retry("minder", stuck!.id))
      yield* settled
      assert.strictEqual((yield* processes.stuck).length, 1, "it still leaks")
      assert.strictEqual(yield* Effect.flip(processes.drop("minder", stuck!.id, () => Effect.fail("no"))), "no")
      assert.deepStrictEqual(heard(), [], "what could not be recorded stays")
      assert.deepStrictEqual(yield* processes.drop("minder", stuck!.id, Effect.succeed), stuck)
      yield* settled
      assert.deepStrictEqual(heard(), ["Cool cracked"])
      yield* fill("a", 9e12)
      yield* empty("cracked")
      yield* settled
      assert.deepStrictEqual(heard(), ["Heat a", "Cool cracked"])
    }).pipe(quiet))

  it.scoped("R6 what a newer build stated is passed over", () =>
    Effect.gen(function*() {
      const { fill, heard, newer, start } = yield* bench
      yield* newer("a")
      yield* fill("a", 9e12)
      const { processes } = yield* start()
      yield* newer("a")
      const { position } = yield* fill("b", 9e12)
      yield* processes.waitFor(position)
      yield* settled
      assert.deepStrictEqual(heard(), ["Heat a", "Heat b"])
      assert.isEmpty(yield* processes.stuck)
    }).pipe(quiet))

  it.scoped("R1 a store that is away stops nothing for good, and its state is told meanwhile", () =>
    Effect.gen(function*() {
      const { fill, heard, start, store } = yield* bench
      let away = true
      const gone = new ProcessStoreError({ doing: "reach it", cause: "the line is dead" })
      const shaky =
        <A extends ReadonlyArray<any>, B>(call: (...given: A) => Effect.Effect<B, ProcessStoreError>) =>
        (...given: A) => Effect.suspend(() => away ? gone : call(...given))
      const seen = {
        ...store,
        begin: shaky(store.begin),
        claim: shaky(store.claim),
        decide: shaky(store.decide),
        postpone: shaky(store.postpone),
        nextDue: shaky(store.nextDue)
      }
      const { processes } = yield* start({ seen })
      yield* fill("a", 120_000)
      yield* after("1 second")
      assert.include((yield* processes.status)[0]!.failure, "ProcessStoreError")
      away = false
      yield* after("20 seconds")
      assert.deepStrictEqual(heard(), ["Heat a"])
      assert.isNull((yield* processes.status)[0]!.failure)
      yield* after("1 second")
      away = true
      yield* after("1 second")
      yield* fill("b", 9e12)
      yield* after("1 minute")
      away = false
      yield* after("2 minutes")
      assert.deepStrictEqual(heard(), ["Heat b", "Whistle a"])
    }).pipe(quiet))
})
