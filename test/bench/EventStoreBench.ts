/**
 * The event store against Emmett's on PostgreSQL and against what PostgreSQL can take at all, in the same run, on a real server with
 * default durability. Each scenario is run several times, ours and theirs in turn, each in a new database; the median round is told.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { serverPostgres } from "../conformance/ServerPostgres.ts"
import { ceilings } from "./Ceilings.ts"
import { type Contestant, emmett, type Open, vivim } from "./EventStores.ts"
import { type Cost, measure } from "./ServerCost.ts"

interface Scenario {
  readonly name: string
  readonly writers: number
  /** What design asks for. */
  readonly goal: string
  readonly prepare?: (store: Contestant) => Promise<void>
  readonly step: (store: Contestant) => (writer: number, round: number) => Promise<number>
}

const fresh = (count: number): Scenario["step"] => (store) => async (writer, round) => {
  const { kept } = await store.append(`document/${count}-${writer}-${round}`, 0, count)
  if (!kept) throw new Error("a new stream was not new")
  return count
}

/** Every writer wants to be next on one stream, and tries until it was. */
const contended: Scenario["step"] = (store) => {
  const known = new Map<number, number>()
  return async (writer) => {
    for (;;) {
      const { kept, version } = await store.append("document/contended", known.get(writer) ?? 0, 1)
      known.set(writer, version)
      if (kept) return 1
    }
  }
}

const long = 1_000
const logged = 50_000
const page = 1_000

const scenarios: ReadonlyArray<Scenario> = [
  { name: "1-event appends, distinct streams, 1 writer", writers: 1, goal: ">= 2x", step: fresh(1) },
  { name: "the same, 64 writers", writers: 64, goal: ">= 12x, >= 20x less CPU", step: fresh(1) },
  { name: "the same, 256 writers", writers: 256, goal: ">= 15x, >= 40 % of COPY", step: fresh(1) },
  { name: "10-event appends, 16 writers", writers: 16, goal: ">= 4.5x, >= 85 % of COPY", step: fresh(10) },
  { name: "16 writers on one stream, expected version", writers: 16, goal: ">= 12x", step: contended },
  {
    name: "read a 1,000-event stream",
    writers: 1,
    goal: ">= 2.5x",
    prepare: async (store) => {
      for (let at = 0; at < long; at += 100) await store.append("document/long", at, 100)
    },
    step: (store) => async () => {
      const read = await store.readStream("document/long")
      if (read !== long) throw new Error(`${read} events read of ${long}`)
      return read
    }
  },
  {
    name: "catch-up, pages of 1,000",
    writers: 1,
    goal: ">= 12x",
    prepare: async (store) => {
      for (let n = 0; n < logged; n += 1_600) {
        await Promise.all(Array.from({ length: 16 }, (_, k) => store.append(`document/${n}-${k}`, 0, 100)))
      }
    },
    step: (store) => {
      let after: unknown = null
      return async () => {
        const { after: next, events } = await store.readAll(after, page)
        after = events === 0 ? null : next
        return events
      }
    }
  }
]

const middle = (costs: ReadonlyArray<Cost>): Cost =>
  costs.toSorted((a, b) => a.perSecond - b.perSecond)[costs.length >> 1]!

export interface Options {
  readonly ms: number
  readonly rounds: number
  /** Scenarios whose name holds this text; all when it is empty. */
  readonly only?: string
}

export interface Compared {
  readonly scenario: string
  readonly goal: string
  readonly ours: Cost
  readonly theirs: Cost
}

export const run = ({ ms, only = "", rounds }: Options) =>
  Effect.gen(function*() {
    const server = yield* serverPostgres
    const once = (open: Open, { prepare, step, writers }: Scenario) =>
      Effect.gen(function*() {
        const url = yield* server.newDatabase
        const store = yield* Effect.promise(() => open(url))
        const cost = yield* Effect.promise(async () => {
          await prepare?.(store)
          return measure(server.pid(), ms, writers, step(store))
        })
        yield* Effect.promise(() => store.close())
        return cost
      })
    const limits = yield* Effect.flatMap(
      server.newDatabase,
      (url) => Effect.promise(() => ceilings(server.pid(), Redacted.value(url), ms))
    )
    const compared = yield* Effect.forEach(
      scenarios.filter(({ name }) => name.includes(only)),
      (scenario) =>
        Effect.gen(function*() {
          const pairs = yield* Effect.replicateEffect(
            Effect.all({ theirs: once(emmett(scenario.writers), scenario), ours: once(vivim, scenario) }),
            rounds
          )
          const { goal, name } = scenario
          const told: Compared = {
            scenario: name,
            goal,
            ours: middle(pairs.map(({ ours }) => ours)),
            theirs: middle(pairs.map(({ theirs }) => theirs))
          }
          return told
        })
    )
    return { limits, compared }
  }).pipe(Effect.scoped)

const figure = (n: number) => n >= 100 ? String(Math.round(n)) : n.toPrecision(3)

export const print = ({ compared, limits }: Effect.Effect.Success<ReturnType<typeof run>>): string => {
  const cpu = ({ nodeCpuUs, serverCpuUs }: Cost) => `${figure(nodeCpuUs)} + ${figure(serverCpuUs)}`
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  return [
    line([
      "scenario",
      "VIVIM events/s",
      "Emmett 0.42 events/s",
      "ratio",
      "of COPY",
      "goal",
      "CPU us/event, node + server",
      "Emmett's",
      "less CPU",
      "p50 / p99 ms",
      "Emmett's"
    ]),
    line(Array(11).fill("---")),
    ...compared.map(({ goal, ours, scenario, theirs }) =>
      line([
        scenario,
        figure(ours.perSecond),
        figure(theirs.perSecond),
        `${figure(ours.perSecond / theirs.perSecond)}x`,
        `${figure(ours.perSecond / limits.copy.perSecond * 100)} %`,
        goal,
        cpu(ours),
        cpu(theirs),
        `${figure((theirs.nodeCpuUs + theirs.serverCpuUs) / (ours.nodeCpuUs + ours.serverCpuUs))}x`,
        `${figure(ours.p50Ms)} / ${figure(ours.p99Ms)}`,
        `${figure(theirs.p50Ms)} / ${figure(theirs.p99Ms)}`
      ])
    ),
    "",
    line(["ceiling", "rows/s", "CPU us/row, node + server"]),
    line(Array(3).fill("---")),
    line(["COPY, one connection", figure(limits.copy.perSecond), cpu(limits.copy)]),
    line(["INSERT of 1,000 rows, one connection", figure(limits.insert1000.perSecond), cpu(limits.insert1000)]),
    line(["INSERT of one row, 64 connections", figure(limits.insert1.perSecond), cpu(limits.insert1)])
  ].join("\n")
}
