/**
 * The database a node brings along: a real PostgreSQL in the data directory, for whoever has not set VIVIM_DATABASE_URL.
 *
 * D1  An empty data directory becomes a database in seconds, on loopback, behind a random password only this user can read.
 * D2  A node that was killed leaves the server running, and the next node takes it over, data and port.
 * D3  One node per data directory: a second is told so in one sentence, and disturbs nothing.
 * D4  When root starts the node, PostgreSQL runs as somebody else, wherever the project and its data lie.
 * D5  Should the server die under a living node, it is started again at the same address.
 * D6  A node that ends in order stops its server.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as path from "node:path"
import pg from "pg"
import * as PostgresCluster from "./PostgresCluster.ts"
import { EmbeddedPostgresError } from "./PostgresError.ts"
import * as PostgresPrograms from "./PostgresPrograms.ts"
import * as PostgresServer from "./PostgresServer.ts"
import { userFor } from "./PostgresUser.ts"

export interface Running {
  /** The node's own database. */
  readonly url: Redacted.Redacted<string>
  /** The server's process; another one after it had to be started again. */
  readonly pid: () => number
  /** It ran already when this node came. */
  readonly adopted: boolean
}

export interface Options {
  /** Made if need be. The database lies in `pg17` inside. */
  readonly dataDir: string
  /** Settings of the server beside the usual ones. */
  readonly settings?: Readonly<Record<string, string>>
}

export class EmbeddedPostgres extends Context.Tag("@vivim/node/EmbeddedPostgres")<EmbeddedPostgres, Running>() {}

export const layer = (options: Options): Layer.Layer<EmbeddedPostgres, EmbeddedPostgresError> =>
  Layer.scoped(EmbeddedPostgres, start(options))

interface State {
  readonly cluster: PostgresCluster.Cluster
  readonly options: Options
  server: PostgresServer.Server
  keeper: Keeper
}

/** A session that stands for this node being alive. */
interface Keeper {
  readonly client: pg.Client
  readonly gone: Promise<void>
}

/** Up when it answers, and down with the scope. */
export const start = (options: Options): Effect.Effect<Running, EmbeddedPostgresError, Scope.Scope> =>
  Effect.acquireRelease(up(options), down).pipe(
    Effect.tap((state) => Effect.forkScoped(watch(state))),
    Effect.map((state) => ({
      url: PostgresServer.address(state.cluster, state.server, database),
      pid: () => state.server.pid,
      adopted: state.server.adopted
    })),
    Effect.withSpan("EmbeddedPostgres.start")
  )

const database = "vivim"

const up = (options: Options) =>
  Effect.gen(function*() {
    const dataDir = path.resolve(options.dataDir)
    const user = yield* userFor(yield* existing(dataDir))
    const programs = yield* PostgresPrograms.npmPrograms(dataDir, user)
    const cluster = yield* PostgresCluster.open(dataDir, programs, user)
    const server = yield* PostgresServer.start(cluster, options)
    const state: State = { cluster, options, server, keeper: yield* hold(cluster, server) }
    yield* Effect.onError(makeDatabase(state.keeper), () => down(state))
    return state
  }).pipe(Effect.catchAllDefect(unusable))

/** The data directory, with the cluster that lies in it already: its owner is whom to run as. */
const existing = (dataDir: string): Effect.Effect<string, EmbeddedPostgresError> =>
  Effect.try({
    try: () => {
      fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      fs.accessSync(dataDir, fs.constants.W_OK)
      return path.join(dataDir, fs.readdirSync(dataDir).find((name) => /^pg\d+$/.test(name)) ?? "pg")
    },
    catch: (error) =>
      new EmbeddedPostgresError({
        message: `VIVIM cannot write to ${dataDir} (${
          (error as Error).message
        }): set VIVIM_DATA_DIR to a directory it may write to.`
      })
  })

/** The right to be this database's node: held by an open session, so that it ends with the node however the node ends. */
const right = "select pg_try_advisory_lock(1447646793, 3)"
const rightMsMax = 2_000
const pollMs = 50

/** A session that holds the right. One killed a moment ago may still hold it for as long as the server needs to notice. */
const hold = Effect.fnUntraced(function*(cluster: PostgresCluster.Cluster, server: PostgresServer.Server) {
  const keeper = yield* connect(cluster, server)
  for (let waitedMs = 0; waitedMs < rightMsMax; waitedMs += pollMs) {
    const [row] = yield* ask(keeper, right)
    if (row?.[0] === true) return keeper
    yield* Effect.sleep(pollMs)
  }
  yield* end(keeper)
  return yield* new EmbeddedPostgresError({
    message:
      `Another VIVIM node runs on ${
        path.dirname(cluster.folder)
      }: stop it first, or give this one a directory of its own ` +
      "with VIVIM_DATA_DIR."
  })
})

const connect = (
  cluster: PostgresCluster.Cluster,
  server: PostgresServer.Server
): Effect.Effect<Keeper, EmbeddedPostgresError> =>
  Effect.tryPromise({
    try: () => {
      const client = new pg.Client({
        connectionString: Redacted.value(PostgresServer.address(cluster, server, "postgres")),
        application_name: "vivim keeper",
        connectionTimeoutMillis: 5_000,
        keepAlive: true
      })
      client.on("error", () => {})
      const gone = new Promise<void>((resolve) => client.once("end", resolve))
      return client.connect().then(() => ({ client, gone }))
    },
    catch: unusable
  })

const ask = ({ client }: Keeper, text: string): Effect.Effect<Array<Array<unknown>>, EmbeddedPostgresError> =>
  Effect.tryPromise({ try: () => client.query({ text, rowMode: "array" }).then(({ rows }) => rows), catch: unusable })

const unusable = (cause: unknown) =>
  new EmbeddedPostgresError({
    message: `The embedded PostgreSQL cannot be used (${cause instanceof Error ? cause.message : String(cause)}): ` +
      "start VIVIM again, or set VIVIM_DATABASE_URL to a PostgreSQL server (15 or newer)."
  })

const end = ({ client }: Keeper): Effect.Effect<void> => Effect.promise(() => client.end().catch(() => {}))

const makeDatabase = Effect.fnUntraced(function*(keeper: Keeper) {
  const [found] = yield* ask(keeper, `select from pg_database where datname = '${database}'`)
  if (found === undefined) yield* ask(keeper, `create database ${database}`)
})

/** Brings the server back, and the right with it, whenever the session that holds it ends. */
const watch = (state: State): Effect.Effect<never> =>
  Effect.promise(() => state.keeper.gone).pipe(
    Effect.zipRight(Effect.logWarning("The embedded PostgreSQL is gone; starting it again.")),
    Effect.zipRight(
      again(state).pipe(
        Effect.tapError((error) => Effect.logError(error.message)),
        Effect.retry(Schedule.spaced(1_000))
      )
    ),
    Effect.orDie,
    Effect.forever
  )

const again = (state: State) =>
  Effect.gen(function*() {
    state.server = yield* PostgresServer.start(state.cluster, { ...state.options, port: state.server.port })
    state.keeper = yield* hold(state.cluster, state.server)
  })

const down = (state: State): Effect.Effect<void> =>
  Effect.zipRight(end(state.keeper), PostgresServer.stop(state.cluster, state.server))
