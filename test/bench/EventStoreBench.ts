/**
 * The event store against Emmett's on PostgreSQL and against what PostgreSQL can take at all, in the same run, on a real server with
 * default durability. Each scenario is run several times, ours and theirs in turn, each in a new database; the median round is told.
 *
 * Timed is what a caller waits for, from making its events to having the answer, and all CPU of both processes while the writers are at
 * it; the first 0.75 s do not count. Each writer is a loop in the way of its store: ours a fiber, theirs an async function. What a store
 * hands out is what it hands out: theirs parsed JSON, ours the bytes of an event's three parts as they were kept, under a decoded header.
 * Neither folds what was read, and ours looks at no hashes: that is for `vivim audit`.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { serverPostgres } from "../conformance/ServerPostgres.ts"
import { ceilings } from "./Ceilings.ts"
import { type Contestant, emmett, type Open, vivim, type Work } from "./EventStores.ts"
import { type Cost, measure } from "./ServerCost.ts"

interface Scenario {
  readonly name: string
  readonly writers: number
  /** What design asks for. */
  readonly goal: string
  readonly prepare?: (store: Contestant) => Promise<void>
  readonly work: (writer: number) => Work
}

const fresh = (count: number) => (writer: number): Work => {
  let round = 0
  return {
    ask: () => ({ do: "append", stream: `document/${count}-${writer}-${round++}`, expected: 0, count }),
    heard: ({ events }) => {
      if (events === 0) throw new Error("a new stream was not new")
      return events
    }
  }
}

/** Every writer wants to be next on one stream, and tries until it was. */
const contended = (): Work => {
  let known = 0
  return {
    ask: () => ({ do: "append", stream: "document/contended", expected: known, count: 1 }),
    heard: ({ at, events }) => {
      known = at as number
      return events
    }
  }
}

const long = 1_000
const logged = 50_000
const page = 1_000

const readLong = (): Work => ({
  ask: () => ({ do: "readStream", stream: "document/long" }),
  heard: ({ events }) => {
    if (events !== long) throw new Error(`${events} events read of ${long}`)
    return events
  }
})

/** Page after page to the end of the log, and again from its beginning. */
const catchUp = (): Work => {
  let after: unknown = null
  return {
    ask: () => ({ do: "readAll", after, count: page }),
    heard: ({ at, events }) => {
      after = events === 0 ? null : at
      return events
    }
  }
}

const scenarios: ReadonlyArray<Scenario> = [
  { name: "1-event appends, distinct streams, 1 writer", writers: 1, goal: ">= 2x", work: fresh(1) },
  { name: "the same, 64 writers", writers: 64, goal: ">= 12x, >= 20x less CPU", work: fresh(1) },
  { name: "the same, 256 writers", writers: 256, goal: ">= 15x, >= 40 % of COPY", work: fresh(1) },
  { name: "10-event appends, 16 writers", writers: 16, goal: ">= 4.5x, >= 85 % of COPY", work: fresh(10) },
  { name: "16 writers on one stream, expected version", writers: 16, goal: ">= 12x", work: contended },
  {
    name: "read a 1,000-event stream",
    writers: 1,
    goal: ">= 2.5x",
    prepare: async ({ ask }) => {
      for (let at = 0; at < long; at += 100) {
        await ask({ do: "append", stream: "document/long", expected: at, count: 100 })
      }
    },
    work: readLong
  },
  {
    name: "catch-up, pages of 1,000",
    writers: 1,
    goal: ">= 12x",
    prepare: async ({ ask }) => {
      for (let n = 0; n < logged; n += 1_600) {
        await Promise.all(
          Array.from(
            { length: 16 },
            (_, k) => ask({ do: "append", stream: `document/${n}-${k}`, expected: 0, count: 100 })
          )
        )
      }
    },
    work: catchUp
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
    const once = (open: Open, { prepare, work, writers }: Scenario) =>
      Effect.gen(function*() {
        const url = yield* server.newDatabase
        const store = yield* Effect.promise(() => open(url))
        const cost = yield* Effect.promise(async () => {
          await prepare?.(store)
          const all = Array.from({ length: writers }, (_, writer) => work(writer))
          return measure(server.pid(), ms, (watch) => store.work(all, watch))
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
