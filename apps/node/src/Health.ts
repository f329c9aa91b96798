/**
 * The node's health, read fresh each time: database, log, every view; and how late its event loop runs.
 *
 * H2  That users are not here, and their files wait for their keys, is no fault, and told as none.
 * H1  A view that stands still or trails too far makes the node not ready; one user's file that stands still does not, and is told.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Quarantine } from "@vivim/actor/Quarantine"
import { NodeHealth } from "@vivim/contract/Operator"
import type { ViewHealth, ViewStop } from "@vivim/contract/View"
import { EventStore } from "@vivim/event-store/EventStore"
import { Processes } from "@vivim/process/Processes"
import type { Stop } from "@vivim/projection/View"
import { Views, type ViewStatus } from "@vivim/projection/Views"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { monitorEventLoopDelay } from "node:perf_hooks"
import * as ClusterReport from "./ClusterReport.ts"
import { NodeDatabase } from "./NodeDatabase.ts"
import * as ProcessReport from "./ProcessReport.ts"
import { version } from "./Version.ts"

/** How far a view may trail before the node says it cannot serve. */
export interface Limits {
  readonly lagEventsMax: number
  readonly lagMax: Duration.DurationInput
}

/** Users whose files do not keep up are told by name up to so many; all are counted. */
const UsersMax = 100
/** Actors that stand still, likewise. */
const ActorsMax = 20

export class Health extends Context.Tag("@vivim/node/Health")<Health, {
  readonly read: Effect.Effect<NodeHealth>
  readonly loopLagMs: () => number
  /** True when it should be started again. */
  readonly hangs: Effect.Effect<boolean>
}>() {}

interface DatabaseState {
  readonly version: string
  readonly position: number
  readonly problem: string | null
}

const stopOf = ({ event, ...stop }: Stop): ViewStop => ({
  ...stop,
  stream: event?.stream ?? null,
  version: event?.version ?? null,
  type: event?.type ?? null
})

/** "at position 7 (document.MessageAppended, document/d1@3): no root" */
const said = ({ position, reason, stream, type, version }: ViewStop) =>
  `at position ${position}${stream === null ? "" : ` (${type}, ${stream}@${version})`}: ${reason}`

/** A view as it is told: with what the node makes of its lag. */
export const told = (status: ViewStatus, { lagEventsMax, lagMax }: Limits): ViewHealth => {
  const users = [...status.ailing].flatMap(([user, { state, stop }]) =>
    state === "locked" ? [] : [{ user, state, stop: stopOf(stop) }]
  )
  return {
    view: status.view,
    version: status.version,
    position: status.position,
    lag: status.lag,
    lagMs: status.lagMs,
    late: status.lag > lagEventsMax || status.lagMs > Duration.toMillis(lagMax),
    state: status.state,
    stop: status.stop === null ? null : stopOf(status.stop),
    trouble: status.trouble,
    skipped: status.skipped,
    usersBehind: users.length,
    users: users.slice(0, UsersMax)
  }
}

/** What is wrong with a view, and whether the node can serve all the same. */
export const wrong = (view: ViewHealth) => ({
  problems: [
    ...view.state === "stopped" && view.stop !== null ? [`view ${view.view} is stopped ${said(view.stop)}`] : [],
    ...view.state === "waiting" ? [`view ${view.view} waits: ${view.trouble}`] : [],
    ...view.late ? [`view ${view.view} trails by ${view.lag} events, ${Math.round(view.lagMs / 1_000)} seconds`] : []
  ],
  warnings: view.users.map(({ state, stop, user }) =>
    `view ${view.view} of ${user} is ${state === "stopped" ? "stopped" : "being mended"} ${said(stop)}`
  )
})

const asked = (sql: SqlClient.SqlClient, eventStore: Context.Tag.Service<EventStore>) =>
  Effect.gen(function*() {
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

export const layer = (limits: Limits, several: ClusterReport.Options) =>
  Layer.scoped(
    Health,
    Effect.gen(function*() {
      const { kind } = yield* NodeDatabase
      const sql = yield* SqlClient.SqlClient
      const eventStore = yield* EventStore
      const views = yield* Views
      const processes = yield* Processes
      const quarantine = yield* Quarantine
      const startedAt = yield* Clock.currentTimeMillis
      const loop = monitorEventLoopDelay({ resolution: 20 })
      loop.enable()
      yield* Effect.addFinalizer(() => Effect.sync(() => loop.disable()))

      const database = asked(sql, eventStore)
      const cluster = Effect.provideService(ClusterReport.read(several), SqlClient.SqlClient, sql)

      const read = Effect.gen(function*() {
        const { position, problem, version: databaseVersion } = yield* database
        const statuses = yield* Effect.catchAll(views.status, () => Effect.succeed([]))
        const stops = quarantine.list()
        const found = statuses.map((status) => told(status, limits))
        const running = yield* Effect.catchAll(processes.status, () => Effect.succeed([]))
        const atWork = running.map(ProcessReport.told)
        const company = yield* cluster
        const problems = [
          ...problem === null ? [] : [problem],
          ...company === null ? [] : ClusterReport.problems(company),
          ...found.flatMap((view) => wrong(view).problems)
        ]
        return new NodeHealth({
          version,
          startedAt,
          database: { kind, version: databaseVersion, ok: problem === null },
          log: { position },
          views: found,
          processes: atWork,
          cluster: company,
          quarantined: stops.length,
          memoryBytes: process.memoryUsage.rss(),
          ready: problems.length === 0,
          problems,
          warnings: [
            ...found.flatMap((view) => wrong(view).warnings),
            ...atWork.flatMap(ProcessReport.warnings),
            ...company === null ? [] : ClusterReport.warnings(company),
            ...stops.slice(0, ActorsMax).map(({ reason, stream, version }) =>
              `${stream} stands still at version ${version}: ${reason}`
            )
          ]
        })
      })
      return Health.of({
        read,
        loopLagMs: () => loop.max / 1e6,
        hangs: Effect.flatMap(cluster, (company) => ClusterReport.hangs(company, several, startedAt))
      })
    })
  )
