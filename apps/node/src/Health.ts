/** The node's health, read fresh each time: database, log, every view; and how late its event loop runs. */
import * as SqlClient from "@effect/sql/SqlClient"
import { NodeHealth } from "@vivim/contract/Operator"
import { EventStore } from "@vivim/event-store/EventStore"
import { Views } from "@vivim/projection/Views"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { NodeDatabase } from "./NodeDatabase.ts"
import { version } from "./Version.ts"

/** Events a view may trail before the node says it cannot serve. */
const LagMax = 10_000

export class Health extends Context.Tag("@vivim/node/Health")<Health, {
  readonly read: Effect.Effect<NodeHealth>
  readonly loopLagMs: () => number
}>() {}

interface DatabaseState {
  readonly version: string
  readonly position: number
  readonly problem: string | null
}

export const layer = Layer.scoped(
  Health,
  Effect.gen(function*() {
    const { kind } = yield* NodeDatabase
    const sql = yield* SqlClient.SqlClient
    const eventStore = yield* EventStore
    const views = yield* Views
    const startedAt = yield* Clock.currentTimeMillis
    const loop = monitorEventLoopDelay({ resolution: 20 })
    loop.enable()
    yield* Effect.addFinalizer(() => Effect.sync(() => loop.disable()))

    const database = Effect.gen(function*() {
      const [row] = yield* sql<{ readonly version: string }>`SELECT current_setting('server_version') AS version`
      return { version: row?.version ?? "?", position: yield* eventStore.head, problem: null } as DatabaseState
    }).pipe(
      Effect.timeout("3 seconds"),
      Effect.catchAll((error) =>
        Effect.succeed<DatabaseState>({
          version: "?",
          position: 0,
          problem: `the database does not answer (${error._tag})`
        })
      )
    )

    const read = Effect.gen(function*() {
      const { position, problem, version: databaseVersion } = yield* database
      const statuses = yield* Effect.catchAll(views.status, () => Effect.succeed([]))
      const problems = [
        ...problem === null ? [] : [problem],
        ...statuses.flatMap(({ failure, lag, view }) =>
          failure !== null
            ? [`view ${view} is stopped: ${failure}`]
            : lag > LagMax
            ? [`view ${view} trails by ${lag} events`]
            : []
        )
      ]
      return new NodeHealth({
        version,
        startedAt,
        database: { kind, version: databaseVersion, ok: problem === null },
        log: { position },
        views: statuses.map(({ failure, lag, position, version, view }) => ({ view, version, position, lag, failure })),
        memoryBytes: process.memoryUsage.rss(),
        ready: problems.length === 0,
        problems
      })
    })
    return Health.of({ read, loopLagMs: () => loop.max / 1e6 })
  })
)
