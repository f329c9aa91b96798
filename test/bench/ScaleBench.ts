/**
 * Whether the log costs the same however long it is: three logs on one server, each ten times as long as the one before, filled
 * through the store and then measured in turn; and what archiving one of them brings and costs.
 */
import * as SegmentFolder from "@vivim/event-store/SegmentFolder"
import { SegmentStore } from "@vivim/event-store/SegmentStore"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { serverPostgres, temporaryFolder, type TestServer } from "../conformance/ServerPostgres.ts"
import { archiveFigures } from "./ArchiveBench.ts"
import { layouts } from "./LayoutBench.ts"
import { fill } from "./ScaleLog.ts"
import { asked, type Filled, middleOf, once, open, scenarios } from "./ScaleScenarios.ts"
import type { Cost } from "./ServerCost.ts"

const filled = (server: TestServer, segments: Filled["segments"], events: number): Effect.Effect<Filled, unknown> =>
  Effect.gen(function*() {
    const url = yield* server.newDatabase
    const store = yield* open({ url, segments })
    const begun = performance.now()
    yield* Effect.promise(() =>
      fill(
        (stream, expected, events) => Effect.runPromise(store.append(stream, expected, events)),
        events,
        (done) => console.error(`${done} of ${events} events, ${Math.round((performance.now() - begun) / 1_000)} s`)
      )
    )
    const fillSeconds = (performance.now() - begun) / 1_000
    // What the server would do some time, and then in the middle of a measurement.
    yield* Effect.promise(() => asked(url, "vacuum analyze event", "checkpoint"))
    return { events, url, segments, fillSeconds }
  }).pipe(Effect.scoped)

const figure = (n: number) => n >= 100 ? String(Math.round(n)) : n.toPrecision(3)
const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
const counted = (events: number) => events.toLocaleString("en")

const flat = (pid: number, logs: ReadonlyArray<Filled>, rounds: number) =>
  Effect.forEach(scenarios, (scenario) =>
    Effect.gen(function*() {
      const costs = logs.map((): Array<Cost> => [])
      // What a process learns once, and what the server reads from disk after it filled another log, is not what is asked here.
      for (const log of logs) yield* once(pid, log, scenario)
      for (let round = 0; round < rounds; round++) {
        for (const [n, log] of logs.entries()) costs[n]!.push(yield* once(pid, log, scenario))
      }
      return { scenario: scenario.name, measured: costs.map(middleOf) }
    }))

const flatTable = (logs: ReadonlyArray<Filled>, rows: Effect.Effect.Success<ReturnType<typeof flat>>): string =>
  [
    line([
      "us of CPU (node + server); p50",
      ...logs.map(({ events }) => `${counted(events)} events`),
      "longest / shortest (the server alone)"
    ]),
    line(Array(logs.length + 2).fill("---")),
    ...rows.map(({ measured, scenario }) =>
      line([
        scenario,
        ...measured.map(({ cpuUs, nodeCpuUs, p50Ms, serverCpuUs }) =>
          `${figure(cpuUs)} (${figure(nodeCpuUs)} + ${figure(serverCpuUs)}); ${figure(p50Ms)} ms`
        ),
        `${figure(measured.at(-1)!.cpuUs / measured[0]!.cpuUs)}x (${
          figure(measured.at(-1)!.serverCpuUs / measured[0]!.serverCpuUs)
        }x)`
      ])
    ),
    "",
    ...logs.map(({ events, fillSeconds }) =>
      `${counted(events)} events were filled in ${Math.round(fillSeconds)} s, ${figure(events / fillSeconds)} a second.`
    )
  ].join("\n")

export const scaleBench = (events: number, rounds: number): Effect.Effect<string, unknown> =>
  Effect.gen(function*() {
    const server = yield* serverPostgres
    const segments = Context.get(
      yield* Layer.build(SegmentFolder.layer(yield* temporaryFolder)),
      SegmentStore
    )
    const logs = yield* Effect.forEach([events / 100, events / 10, events], (size) => filled(server, segments, size))
    const rows = yield* flat(server.pid(), logs, rounds)
    const table = flatTable(logs, rows)
    yield* Console.error(table)
    const archived = yield* archiveFigures(server.pid(), logs[1]!, rounds)
    yield* Console.error(archived)
    const compared = yield* layouts(server, events / 10)
    return [
      "### The same at any length",
      "",
      table,
      "",
      "### Archived",
      "",
      archived,
      "",
      "### Layouts",
      "",
      compared
    ].join("\n")
  }).pipe(Effect.scoped)
