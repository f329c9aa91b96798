/** Two nodes' processes on one database: they share the work, and every command has effect once and in order. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { NothingToChange, Unavailable } from "@vivim/contract/Refusal"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import type * as Delivery from "@vivim/process/Delivery"
import * as Processes from "@vivim/process/Processes"
import { ProcessStore } from "@vivim/process/ProcessStore"
import * as SqlProcessStore from "@vivim/process/SqlProcessStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { assert, describe } from "vitest"
import { event } from "./Events.ts"
import { Emptied, Filled, KettleEvents, limits, minder } from "./Kettles.ts"
import { noServer } from "./ServerPostgres.ts"
import { onServer, type Url } from "./StoresOnServer.ts"

/** A stove both nodes speak to: it keeps the first of each command, says no now and then, and is sometimes away. */
const stoveOf = () => {
  const first = new Map<string, string>()
  const order = new Map<string, Array<string>>()
  const by: Record<string, number> = {}
  let calls = 0
  const ask = (node: string): Delivery.Ask => (tag, { commandId, kettle, times }) =>
    Effect.gen(function*() {
      yield* Effect.sleep(1 + ++calls % 4)
      if (calls % 9 === 0) return yield* new Unavailable({ message: "away", retryAfterMs: 0 })
      if (first.has(commandId)) return
      first.set(commandId, tag)
      order.set(kettle, [...order.get(kettle) ?? [], `${tag}${times ?? ""}`])
      by[node] = (by[node] ?? 0) + 1
      if (tag === "Cool") return yield* new NothingToChange({ message: "it is cool" })
    })
  return { first, order, by, ask }
}

const node = (url: Url, name: string, stove: ReturnType<typeof stoveOf>) =>
  Effect.gen(function*() {
    const ground = yield* Layer.build(
      Layer.merge(
        PostgresEventStore.layer({ url }),
        Layer.provide(SqlProcessStore.layer, PgClient.layer({ url, maxConnections: 4 }))
      )
    )
    const options = { ask: { stove: stove.ask(name) }, limits: { ...limits, attemptsMax: 50, inFlightMax: 2 } }
    const processes = yield* Layer.build(
      Layer.provide(Processes.layer([minder], { ...options, alone: false }), Layer.succeedContext(ground))
    )
    return {
      log: Context.get(ground, EventStore),
      store: Context.get(ground, ProcessStore),
      processes: Context.get(processes, Processes.Processes)
    }
  })

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("two nodes on one database", () => {
  const test = onServer()

  test(
    "share what is to be done; each command has effect once, those of a key in order",
    (url) =>
      Effect.gen(function*() {
        const stove = stoveOf()
        const one = yield* node(url, "one", stove)
        yield* node(url, "two", stove)
        const state = (kettle: string, fact: any) => {
          const given = event({ ...KettleEvents.encode(fact), owner: "did:key:zAda" })
          return one.log.append(`kettle/${kettle}`, "any", [given])
        }
        const kettles = Array.from({ length: 20 }, (_, n) => `k${n}`)
        for (let round = 0; round < 5; round++) {
          yield* Effect.forEach(
            kettles,
            (kettle) => state(kettle, Filled({ kettle: kettle as never, boilsAt: 1_000 })),
            {
              concurrency: "unbounded"
            }
          )
        }
        yield* Effect.forEach(kettles, (kettle) => state(kettle, Emptied({ kettle: kettle as never })))
        yield* Effect.repeat(Effect.delay(one.store.figures("minder"), 50), {
          until: ({ position, timers, waiting }) => position === 120 && waiting === 0 && timers === 0
        }).pipe(Effect.timeout("60 seconds"))
        for (const kettle of kettles) {
          const heard = stove.order.get(kettle)!
          const commands = heard.filter((tag) => tag !== "Whistle")
          assert.deepStrictEqual(commands, ["Heat1", "Heat2", "Heat3", "Heat4", "Heat5", "Cool"])
        }
        assert.isAbove(stove.by["one"] ?? 0, 0)
        assert.isAbove(stove.by["two"] ?? 0, 0)
        assert.deepInclude(yield* one.store.figures("minder"), { stuck: 0, refused: 20 })
        assert.strictEqual((yield* one.store.refusals("minder")).length, 20)
      }).pipe(Logger.withMinimumLogLevel(LogLevel.None)),
    120_000
  )
})
