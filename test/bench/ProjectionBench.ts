/**
 * How fast a view is built anew, what an event of it costs, and how much slower live traffic is meanwhile: on a real server, in one
 * process, as a node does it. Run alone: `npx tsx test/bench/ProjectionBench.ts [ms] [view …]`.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import { serverPostgres } from "../conformance/ServerPostgres.ts"
import * as Process from "./Process.ts"
import { type BenchWorld, say, type Size, world } from "./ProjectionWorld.ts"

/** A view built anew. */
export interface Rebuilt {
  readonly view: string
  readonly events: number
  readonly perSecond: number
  readonly nodeCpuUs: number
  readonly serverCpuUs: number
}

/** Callers that state something and wait until every view has seen it: alone, and while a view is built anew. */
export interface Traffic {
  readonly view: string
  readonly callers: number
  /** How many times slower, in the middle one of several rounds. */
  readonly slower: number
  /** Load of the machine then. */
  readonly load: number
  readonly alone: Pace
  readonly during: Pace
}

interface Pace {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const size: Size = { users: 25, documents: 80, messages: 10 }
const Rounds = 5
const silent = () => Effect.void
const nodeCpuUs = () => {
  const { system, user } = process.cpuUsage()
  return user + system
}

const rebuilt = (world: BenchWorld, postmaster: number, view: string) =>
  Effect.gen(function*() {
    const serverCpuUs = () => Process.cpuSeconds(Process.family(postmaster)) * 1e6
    const [node, server] = [nodeCpuUs(), serverCpuUs()]
    const since = performance.now()
    const { position } = yield* world.views.rebuild(view, silent)!
    const seconds = (performance.now() - since) / 1_000
    return {
      view,
      events: position,
      perSecond: position / seconds,
      nodeCpuUs: (nodeCpuUs() - node) / position,
      serverCpuUs: (serverCpuUs() - server) / position
    } satisfies Rebuilt
  })

/** So many callers for so long, each its own user. */
const pace = ({ store, views }: BenchWorld, callers: number, ms: number) =>
  Effect.gen(function*() {
    const spent: Array<number> = []
    const begun = performance.now()
    yield* Effect.forEach(Array.from({ length: callers }, (_, caller) => caller), (caller) =>
      Effect.gen(function*() {
        for (let n = 0; performance.now() - begun < ms; n++) {
          const since = performance.now()
          const { lastPosition } = yield* say(store, caller, 10_000 + Math.floor(begun) * 100 + n)
          yield* views.waitFor(lastPosition)
          spent.push(performance.now() - since)
        }
      }), { concurrency: "unbounded", discard: true })
    const seconds = (performance.now() - begun) / 1_000
    return {
      perSecond: spent.length / seconds,
      p50Ms: Process.percentile(spent, 0.5),
      p99Ms: Process.percentile(spent, 0.99)
    } satisfies Pace
  })

/** Alone and beside a rebuild by turns, so that whatever else the machine does falls on both; the middle round counts. */
const live = (world: BenchWorld, view: string, callers: number, ms: number) =>
  Effect.gen(function*() {
    yield* pace(world, callers, ms / 4)
    const rounds: Array<Traffic> = []
    for (let n = 0; n < Rounds; n++) {
      const alone = yield* pace(world, callers, ms)
      const building = yield* Effect.fork(Effect.forever(world.views.rebuild(view, silent)!))
      yield* Effect.sleep("300 millis")
      const during = yield* pace(world, callers, ms)
      yield* Fiber.interrupt(building)
      const slower = alone.perSecond / during.perSecond
      rounds.push({ view, callers, alone, during, slower, load: loadavg()[0]! })
    }
    return rounds.toSorted((a, b) => a.slower - b.slower)[Rounds >> 1]!
  })

const every = ["content", "small", "library"] as const

export interface Measured {
  readonly rebuilds: ReadonlyArray<Rebuilt>
  readonly lives: ReadonlyArray<Traffic>
}

/** `ms` of live traffic each time; 0 leaves it out. */
export const projectionBench = (ms: number, asked: ReadonlyArray<string> = every): Effect.Effect<Measured, unknown> =>
  Effect.gen(function*() {
    const server = yield* serverPostgres
    const bench = yield* world(yield* server.newDatabase, size)
    const rebuilds = yield* Effect.forEach(asked, (view) =>
      Effect.gen(function*() {
        const runs = [yield* rebuilt(bench, server.pid(), view)]
        for (let n = 0; n < 2; n++) runs.push(yield* rebuilt(bench, server.pid(), view))
        // The median of three by speed.
        return runs.toSorted((a, b) => a.perSecond - b.perSecond)[1]!
      }))
    const lives: Array<Traffic> = []
    for (const view of ms === 0 ? [] : asked) {
      for (const callers of [1, 16]) lives.push(yield* live(bench, view, callers, ms))
    }
    return { rebuilds, lives }
  }).pipe(Effect.scoped)

export const table = ({ lives, rebuilds }: Measured): string =>
  [
    "| view built anew | events/s (goal >= 20000) | node CPU us/event | server CPU us/event |",
    "|---|---|---|---|",
    ...rebuilds.map(({ nodeCpuUs, perSecond, serverCpuUs, view }) =>
      `| ${view} | ${[perSecond, nodeCpuUs, serverCpuUs].map(Process.figure).join(" | ")} |`
    ),
    "",
    "| live callers, while this is built anew | alone: /s, p50, p99 ms | meanwhile: /s, p50, p99 ms | slower (goal <= 1.5) | load |",
    "|---|---|---|---|---|",
    ...lives.map(({ alone, callers, during, load, slower, view }) => {
      const said = ({ p50Ms, p99Ms, perSecond }: Pace) => [perSecond, p50Ms, p99Ms].map(Process.figure).join(", ")
      return `| ${callers}, ${view} | ${said(alone)} | ${said(during)} | ${Process.figure(slower)}x | ${
        Process.figure(load)
      } |`
    })
  ].join("\n")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [ms = "2000", ...asked] = process.argv.slice(2)
  console.log(table(await Effect.runPromise(projectionBench(Number(ms), asked.length > 0 ? asked : every))))
  process.exit(0)
}
