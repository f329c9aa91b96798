/** Processes on a real PostgreSQL server with default durability: how many events become commands, how many timers ring, how soon after a crash. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Event from "@vivim/event-schemas/Event"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import type * as Delivery from "@vivim/process/Delivery"
import * as Process from "@vivim/process/Process"
import * as Processes from "@vivim/process/Processes"
import { ProcessStore } from "@vivim/process/ProcessStore"
import * as SqlProcessStore from "@vivim/process/SqlProcessStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { event, newId } from "../conformance/Events.ts"
import { serverPostgres } from "../conformance/ServerPostgres.ts"
import { Filled, Poured, Tea } from "../conformance/Tea.ts"
import { events } from "./EventStores.ts"
import type { Figure } from "./NodeBench.ts"
import { cpuSeconds, median } from "./Process.ts"

const sizes = { events: 10_000, timers: 20_000, waiting: 100_000, ignoredMs: 1_500 }
const ada = "did:key:zAda" as never
const limits: Delivery.Limits = { inFlightMax: 32, attemptsMax: 5, askMax: "20 seconds", retryMax: "1 minute" }

/** Every cup poured calls for another pot to be filled, or for a timer that is due already. */
const asking: Process.Any = Process.make({
  name: "asking",
  version: 1,
  reads: Event.vocabulary(Poured),
  asks: [Tea.address],
  key: (_, { stream }) => stream,
  react: {
    "tea.Poured": (_, { position }) => [
      Process.ask(Tea.address, "Fill", { pot: `q${position}` as never, leaf: "sencha" }, ada)
    ]
  }
})
const timing: Process.Any = Process.make({
  name: "timing",
  version: 1,
  reads: Event.vocabulary(Poured),
  asks: [],
  key: (_, { position }) => String(position),
  react: { "tea.Poured": (_, { at }) => [Process.setTimer("later", at)] }
})

const world = Effect.gen(function*() {
  const server = yield* serverPostgres
  const url = yield* server.newDatabase
  const ground = yield* Layer.build(
    Layer.mergeAll(
      PostgresEventStore.layer({ url }),
      Layer.provide(SqlProcessStore.layer, PgClient.layer({ url, maxConnections: 8 })),
      Snapshots.layerMemory,
      PayloadCipher.layerMemory
    )
  )
  const visit = yield* Effect.provide(ActorHost.visit(Tea), ground)
  const tea: Delivery.Ask = (tag, payload) => (visit(payload.pot, ada, true) as any)(tag, payload)
  const start = (process: Process.Any, ask: Delivery.Ask = tea) =>
    Effect.map(
      Layer.build(Layer.provide(
        Processes.layer([process], { ask: { tea: ask }, limits, alone: true }),
        Layer.succeedContext(ground)
      )),
      Context.get(Processes.Processes)
    )
  return { pid: server.pid, log: Context.get(ground, EventStore), store: Context.get(ground, ProcessStore), start }
})

/** Pours so many cups into the log, ten streams with a hundred cups each at a time. */
const pour = (log: EventStore["Type"], cups: number) =>
  Effect.forEach(Array.from({ length: cups / 100 }, (_, n) => n), (n) => {
    const stored = { ...Event.vocabulary(Filled, Poured).encode(Poured({ note: "" })), owner: ada }
    const its = Array.from({ length: 100 }, () => event({ ...stored, at: 1_000 }))
    return log.append(`tea/src${cups}-${n}`, 0, its as never)
  }, { concurrency: 10 })

/** Asks until so many steps have ended; answers how long that took, in seconds. */
const ended = (processes: Processes.Processes["Type"], count: number) =>
  Effect.map(
    Effect.timed(Effect.repeat(Effect.delay(processes.status, 250), { until: ([one]) => one!.ended >= count })),
    ([took]) => Number(took.value._tag === "Nanos" ? took.value.nanos : 0n) / 1e9
  )

const measured = (pid: number, work: Effect.Effect<number, unknown, never>) =>
  Effect.gen(function*() {
    const before = [cpuSeconds([process.pid]), cpuSeconds([pid])] as const
    const seconds = yield* work
    return { seconds, ours: cpuSeconds([process.pid]) - before[0], server: cpuSeconds([pid]) - before[1] }
  })

/** One command per event, through actors and the log, and with actors that answer at once. */
const commands = (title: string, answering: Delivery.Ask | undefined) =>
  Effect.scoped(Effect.gen(function*() {
    const { log, pid, start } = yield* world
    yield* pour(log, sizes.events)
    const { ours, seconds } = yield* measured(
      pid(),
      Effect.scoped(Effect.flatMap(start(asking, answering), (processes) => ended(processes, sizes.events)))
    )
    return [
      { what: `${title}: events/s, one command each`, value: sizes.events / seconds, unit: "/s", goal: "" },
      { what: `${title}: CPU of the node per event`, value: ours / sizes.events * 1e6, unit: "us", goal: "" }
    ] satisfies ReadonlyArray<Figure>
  }))

const timers = Effect.scoped(Effect.gen(function*() {
  const { log, pid, start } = yield* world
  yield* pour(log, sizes.timers)
  const { ours, seconds } = yield* measured(
    pid(),
    Effect.scoped(Effect.flatMap(start(timing), (processes) => ended(processes, sizes.timers)))
  )
  return [
    { what: "timers set and rung", value: sizes.timers / seconds, unit: "/s", goal: "" },
    { what: "CPU of the node per timer", value: ours / sizes.timers * 1e6, unit: "us", goal: "" }
  ] satisfies ReadonlyArray<Figure>
}))

/** A command was under way when the node was killed, with many timers waiting: from the next start until it is asked again. */
const recovery = Effect.scoped(Effect.gen(function*() {
  const { log, start, store } = yield* world
  yield* pour(log, 100)
  const waiting = Array.from({ length: sizes.waiting }, (_, n) => ({
    id: `t${n}`,
    kind: "timer" as const,
    key: `k${n}`,
    name: "later",
    dueAt: 9e12 + n,
    body: { at: 9e12 + n, payload: null },
    stuck: null
  }))
  yield* store.begin("asking", 1)
  yield* store.decide({
    process: "asking",
    now: 0,
    moves: null,
    ends: [],
    keys: [],
    decide: () => ({ ended: [], stuck: [], steps: waiting, cancelled: [], memories: new Map(), refused: [] })
  })
  yield* Effect.scoped(Effect.gen(function*() {
    const processes = yield* start(asking, () => Effect.never)
    yield* Effect.repeat(Effect.delay(processes.status, 5), { until: ([one]) => one!.waiting > 0 })
    yield* Effect.sleep("1 second")
  }))
  // As a killed node leaves it: claimed for a long time to come.
  const now = yield* Clock.currentTimeMillis
  yield* store.claim("asking", now, now + 3_600_000, limits.inFlightMax)
  let again = 0
  const since = performance.now()
  yield* Effect.scoped(Effect.gen(function*() {
    yield* start(asking, () => Effect.sync(() => void (again ||= performance.now())))
    yield* Effect.repeat(Effect.delay(Effect.sync(() => again), 1), { until: (at) => at > 0 })
  }))
  const what = `from a start until a command that was under way is asked again, ${sizes.waiting} timers waiting`
  return [{ what, value: again - since, unit: "ms", goal: "" }] satisfies ReadonlyArray<Figure>
}))

/** What a process costs that follows a log of events it does not read: the same appends in turns with it and without, beside a follower. */
const ignored = Effect.scoped(Effect.gen(function*() {
  const { log, start } = yield* world
  const round = (isFollowed: boolean) =>
    Effect.scoped(Effect.gen(function*() {
      yield* Effect.forkScoped(Stream.runDrain(log.follow(yield* log.head)))
      if (isFollowed) yield* start(asking)
      let handled = 0
      const [cpu, until] = [cpuSeconds([process.pid]), performance.now() + sizes.ignoredMs]
      yield* Effect.forEach(Array.from({ length: 16 }), () =>
        Effect.gen(function*() {
          while (performance.now() < until) {
            yield* log.append(`document/${newId()}`, 0, events(10))
            handled += 10
          }
        }), { concurrency: "unbounded", discard: true })
      return (cpuSeconds([process.pid]) - cpu) / handled * 1e6
    }))
  yield* round(true)
  const more: Array<number> = []
  for (let n = 0; n < 9; n++) {
    const first = yield* round(n % 2 === 0)
    const second = yield* round(n % 2 !== 0)
    more.push(n % 2 === 0 ? first - second : second - first)
  }
  const what = "CPU of the node per event that the process does not read, middle of 9 pairs"
  return [{ what, value: median(more), unit: "us", goal: "" }] satisfies ReadonlyArray<Figure>
}))

export const processBench = (): Promise<ReadonlyArray<Figure>> =>
  Effect.runPromise(Effect.gen(function*() {
    const whole = yield* commands("through actors and the log", undefined)
    const alone = yield* commands("with actors that answer at once", () => Effect.void)
    return [...whole, ...alone, ...yield* timers, ...yield* recovery, ...yield* ignored]
  }))
