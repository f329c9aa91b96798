/** What is asked of a log of any length, and how what it costs is measured: with a store of its own each time, which remembers nothing. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import type { SegmentStore } from "@vivim/event-store/SegmentStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import pg from "pg"
import { randomOf } from "./Random.ts"
import { eventsOf, streamLength, streamOf } from "./ScaleLog.ts"
import { type Cost, measureRounds } from "./ServerCost.ts"

type Store = EventStore["Type"]

/** A filled log. */
export interface Filled {
  readonly events: number
  readonly url: Redacted.Redacted<string>
  readonly segments: Context.Tag.Service<SegmentStore>
  readonly fillSeconds: number
}

export const open = ({ segments, url }: Pick<Filled, "segments" | "url">): Effect.Effect<Store, unknown, Scope.Scope> =>
  Effect.map(Layer.build(PostgresEventStore.layer({ url, segments })), Context.get(EventStore))

export const asked = async (url: Redacted.Redacted<string>, ...texts: ReadonlyArray<string>) => {
  const client = new pg.Client({ connectionString: Redacted.value(url) })
  await client.connect()
  let rows: Array<Record<string, unknown>> = []
  for (const text of texts) rows = (await client.query(text)).rows
  await client.end()
  return rows
}

const random = randomOf(20_261_120)
const below = (n: number) => Math.floor(random() * n)

interface Scenario {
  readonly name: string
  readonly writers: number
  readonly rounds: number
  readonly step: (store: Store, log: Filled) => (writer: number, round: number) => Promise<number>
}

const appendOne = (store: Store, n: number, expected: number | "exists") =>
  Effect.runPromise(Effect.as(store.append(streamOf(n), expected, eventsOf(n, 1)), 1))

let fresh = 1e9

export const scenarios: ReadonlyArray<Scenario> = [
  {
    name: "append, hot: 64 writers, each to a stream of its own that it wrote last",
    writers: 64,
    rounds: 80,
    step: (store) => {
      const base = fresh += 100
      return (writer, round) => appendOne(store, base + writer, round + 1)
    }
  },
  {
    name: "append, cold: 64 writers, each to a stream nobody has touched since it was filled",
    writers: 64,
    rounds: 8,
    step: (store, log) => {
      // Without a second visit to any: the whole range, in an order of its own.
      const streams = log.events / streamLength
      const start = below(streams)
      const stride = [1, 3, 7, 9][below(4)]!
      let n = 0
      return () => appendOne(store, (start + stride * 104_729 * n++) % streams, "exists")
    }
  },
  {
    name: `read a stream of ${streamLength} events, any`,
    writers: 1,
    rounds: 150,
    step: (store, log) => () =>
      Effect.runPromise(
        Effect.as(Stream.runDrain(Stream.take(store.read(streamOf(below(log.events / streamLength))), streamLength)), 1)
      )
  },
  {
    name: "catch up: a page of 1,000 from anywhere",
    writers: 1,
    rounds: 50,
    step: (store, log) => () => {
      const after = below(log.events - 1_000)
      return Effect.runPromise(Effect.as(Stream.runDrain(store.readAll(after, { upTo: after + 1_000 })), 1))
    }
  }
]

const middle = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

export interface Measured {
  readonly cpuUs: number
  readonly nodeCpuUs: number
  readonly serverCpuUs: number
  readonly p50Ms: number
}

export const middleOf = (costs: ReadonlyArray<Cost>): Measured => ({
  cpuUs: middle(costs.map(({ nodeCpuUs, serverCpuUs }) => nodeCpuUs + serverCpuUs)),
  nodeCpuUs: middle(costs.map(({ nodeCpuUs }) => nodeCpuUs)),
  serverCpuUs: middle(costs.map(({ serverCpuUs }) => serverCpuUs)),
  p50Ms: middle(costs.map(({ p50Ms }) => p50Ms))
})

/** One round of a scenario with a store of its own, which remembers nothing. */
export const once = (pid: number, log: Filled, { rounds, step, writers }: Scenario): Effect.Effect<Cost, unknown> =>
  Effect.scoped(
    Effect.flatMap(open(log), (store) => Effect.promise(() => measureRounds(pid, writers, rounds, step(store, log))))
  )
