/**
 * What a command costs on its way through a local actor to its receipt: cluster entity, decision, seal, append with default durability,
 * on a real server; and what the append alone costs in the same run. Alone: `npx tsx test/bench/ActorBench.ts [ms] [rounds]`.
 */
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as PgClient from "@effect/sql-pg/PgClient"
import type * as Actor from "@vivim/actor/Actor"
import * as ActorHost from "@vivim/actor/ActorHost"
import * as SqlSnapshots from "@vivim/actor/SqlSnapshots"
import { Circle } from "@vivim/circle/Circle"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { CircleId, CircleName, CommandId } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { fileURLToPath } from "node:url"
import { newId } from "../conformance/Events.ts"
import { ada, as } from "../conformance/Lanterns.ts"
import { serverPostgres } from "../conformance/ServerPostgres.ts"
import { events } from "./EventStores.ts"
import * as Process from "./Process.ts"
import { type Cost, measure } from "./ServerCost.ts"

/** As a node has it. */
const options: ActorHost.HostOptions = { idleMax: "20 seconds", mailboxMax: 1_024, underWayMax: 64, snapshotEvery: 100 }

interface Row {
  readonly what: string
  readonly goal: string
  readonly cost: Cost
}

const world = Effect.gen(function*() {
  const server = yield* serverPostgres
  const url = yield* server.newDatabase
  const node = ActorHost.layers([Circle] as unknown as ReadonlyArray<Actor.Any>, options).pipe(
    Layer.provideMerge(Layer.merge(
      SingleRunner.layer({ shardingConfig: { simulateRemoteSerialization: false } }),
      SqlSnapshots.layer
    )),
    Layer.provideMerge(Layer.mergeAll(
      PostgresEventStore.layer({ url }),
      PgClient.layer({ url, maxConnections: 8 }),
      Layer.succeed(PayloadCipher, fromMasterKey(new Uint8Array(32).fill(7)))
    ))
  )
  const ground = yield* Layer.build(node)
  const ask = yield* Effect.provide(ActorHost.client(Circle.address), ground)
  const run = Runtime.runPromise(yield* Effect.runtime())
  return { ask, run, store: Context.get(ground, EventStore), postmaster: server.pid() }
})

let serial = 0
const command = (circle: string) => ({ commandId: CommandId.make(newId()), circleId: CircleId.make(circle) })
const name = () => CircleName.make(`Name ${++serial}`)

/** The middle one of several rounds, by CPU. */
const middle = (costs: ReadonlyArray<Cost>): Cost =>
  costs.toSorted((a, b) => a.nodeCpuUs - b.nodeCpuUs)[costs.length >> 1]!

export const actorBench = (ms: number, rounds: number): Effect.Effect<ReadonlyArray<Row>, unknown> =>
  Effect.scoped(Effect.gen(function*() {
    const { ask, postmaster, run, store } = yield* world
    /** So many callers, each of which asks again as soon as it is answered. */
    const during = (callers: number, step: (caller: number) => Effect.Effect<unknown, unknown>) =>
      measure(postmaster, ms, ({ done, isOpen }) => {
        const asking = (caller: number) =>
          Effect.whileLoop({
            while: isOpen,
            body: () =>
              Effect.suspend(() => {
                const from = performance.now()
                return Effect.map(step(caller), () => done(from, 1))
              }),
            step: () => {}
          })
        const all = Array.from({ length: callers }, (_, caller) => asking(caller))
        return run(Effect.all(all, { concurrency: "unbounded", discard: true }))
      })
    /** Each caller renames the circle that is its own, or the one that is everybody's. */
    const commands = (callers: number, circleOf: (caller: number) => string) => async () => {
      const circles = [...new Set(Array.from({ length: callers }, (_, caller) => circleOf(caller)))]
      await run(
        Effect.forEach(
          circles,
          (circle) => Effect.ignore(ask("CreateCircle", { ...command(circle), name: name() }, as(ada))),
          { concurrency: 16 }
        )
      )
      return during(callers, (caller) => ask("RenameCircle", { ...command(circleOf(caller)), name: name() }, as(ada)))
    }
    const appends = (callers: number) => () => during(callers, () => store.append(`bench/${++serial}`, 0, events(1)))
    const scenarios: ReadonlyArray<readonly [what: string, goal: string, round: () => Promise<Cost>]> = [
      ["commands to 64 actors, 64 callers", ">= 8000/s, <= 150 us", commands(64, (caller) => `own-${caller}`)],
      ["commands to one actor, 64 callers", "", commands(64, () => "everybodys")],
      ["commands to one actor, 1 caller", "", commands(1, () => "mine")],
      ["appends alone, 64 writers", "", appends(64)]
    ]
    const found = scenarios.map((): Array<Cost> => [])
    // In turns, so that whatever else the machine does falls on all of them; the first turn only warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const [n, [, , once]] of scenarios.entries()) {
        const cost = yield* Effect.promise(once)
        if (round > 0) found[n]!.push(cost)
      }
    }
    return scenarios.map(([what, goal], n) => ({ what, goal, cost: middle(found[n]!) }))
  }))

export const table = (rows: ReadonlyArray<Row>): string =>
  [
    "| what | per second | node CPU us | server CPU us | p50 ms | p99 ms | goal |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(({ cost, goal, what }) => {
      const { nodeCpuUs, p50Ms, p99Ms, perSecond, serverCpuUs } = cost
      return `| ${[what, ...[perSecond, nodeCpuUs, serverCpuUs, p50Ms, p99Ms].map(Process.figure), goal].join(" | ")} |`
    })
  ].join("\n")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [ms = "1000", rounds = "7"] = process.argv.slice(2)
  console.log(table(await Effect.runPromise(actorBench(Number(ms), Number(rounds)))))
  process.exit(0)
}
