/** What archiving a log brings in bytes and costs in time, and what reading it costs afterwards. */
import { segmentLimits } from "@vivim/event-store/ArchivePlan"
import * as PostgresArchive from "@vivim/event-store/PostgresArchive"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { asked, type Filled, type Measured, middleOf, once, open, scenarios } from "./ScaleScenarios.ts"
import type { Cost } from "./ServerCost.ts"

const sizes = async (url: Filled["url"]) => {
  const [row] = await asked(
    url,
    "select pg_table_size('event')::float8 as heap, pg_indexes_size('event')::float8 as indexes, (select count(*) from event)::float8 as events"
  )
  const { events, heap, indexes } = row as Record<"events" | "heap" | "indexes", number>
  return { heap: heap / events, indexes: indexes / events }
}

const timed = <A, E>(work: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const begun = performance.now()
    const cpu = process.cpuUsage()
    const result = yield* work
    const { system, user } = process.cpuUsage(cpu)
    return { result, seconds: (performance.now() - begun) / 1_000, cpuUs: user + system }
  })

const figure = (n: number) => n >= 100 ? String(Math.round(n)) : n.toPrecision(3)
const bytes = ({ heap, indexes }: { readonly heap: number; readonly indexes: number }) =>
  `${Math.round(heap)} + ${Math.round(indexes)} = ${Math.round(heap + indexes)}`

const measured = (pid: number, log: Filled, rounds: number): Effect.Effect<ReadonlyArray<Measured>, unknown> =>
  Effect.forEach(scenarios, (scenario) =>
    Effect.map(
      Effect.replicateEffect(once(pid, log, scenario), rounds),
      (costs: ReadonlyArray<Cost>) => middleOf(costs)
    ))

export const archiveFigures = (pid: number, log: Filled, rounds: number): Effect.Effect<string, unknown> =>
  Effect.gen(function*() {
    const whole = yield* Effect.promise(() => sizes(log.url))
    const before = yield* measured(pid, log, rounds)
    const work = yield* timed(PostgresArchive.archive(log, {
      bound: { position: Infinity },
      limits: {
        ...segmentLimits,
        eventsMax: Math.min(segmentLimits.eventsMax, 2 ** Math.floor(Math.log2(log.events / 4)))
      },
      vouch: () => Effect.void,
      report: () => Effect.void
    }))
    const segments = work.result
    const events = segments.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    const kept = segments.reduce((sum, segment) => sum + segment.bytes, 0) / events
    const vacuumed = yield* Effect.promise(() => sizes(log.url))
    const after = yield* measured(pid, log, rounds)
    const read = yield* timed(
      Effect.scoped(Effect.flatMap(open(log), (store) => Stream.runCount(store.readAll(0, { upTo: events }))))
    )
    yield* Effect.promise(() => asked(log.url, "vacuum full event"))
    const markers = yield* Effect.promise(() => sizes(log.url))
    const back = yield* timed(PostgresArchive.restore(log, 1, () => Effect.void))
    const restored = back.result.last - back.result.first + 1
    return [
      `${segments.length} segments of ${events} events: archived at ${
        figure(events / work.seconds)
      } events/s (vacuum and all; ` +
      `node CPU ${figure(work.cpuUs / events)} us an event), read from first to last at ${
        figure(events / read.seconds)
      } events/s, ` +
      `restored at ${figure(restored / back.seconds)} events/s.`,
      "",
      "| bytes an event | table + indexes | in its segment |",
      "|---|---|---|",
      `| before | ${bytes(whole)} | |`,
      `| archived, vacuumed: what left is room for what comes | ${bytes(vacuumed)} | ${Math.round(kept)} |`,
      `| archived, rewritten (\`vacuum full\`): what the markers need | ${bytes(markers)} | ${Math.round(kept)} |`,
      "",
      "| us of CPU (node + server) | in the table | archived | ratio |",
      "|---|---|---|---|",
      ...scenarios.map(({ name }, n) =>
        `| ${name} | ${figure(before[n]!.cpuUs)} | ${figure(after[n]!.cpuUs)} | ${
          figure(after[n]!.cpuUs / before[n]!.cpuUs)
        }x |`
      )
    ].join("\n")
  })
