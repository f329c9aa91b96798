/** PostgreSQL servers for tests, of the system's binaries or of the embedded ones: in a folder of their own, gone with the scope. */
import * as PostgresCluster from "@vivim/node/PostgresCluster"
import * as PostgresPrograms from "@vivim/node/PostgresPrograms"
import * as PostgresServer from "@vivim/node/PostgresServer"
import { userFor } from "@vivim/node/PostgresUser"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import pg from "pg"
import { findPostgresBinaries } from "../../infra/PostgresBinaries.ts"
import { atExit } from "../e2e/AtExit.ts"

export interface TestServer {
  /** The address of a new, empty database. */
  readonly newDatabase: Effect.Effect<Redacted.Redacted<string>>
  /** SIGKILL for the server and all its children. */
  readonly kill: Effect.Effect<void>
  /** In order, as an operator would. */
  readonly stop: Effect.Effect<void>
  /** At the port it had. */
  readonly start: Effect.Effect<void>
  readonly pid: () => number
}

/** As a node's own server, for many stores at once. */
const settings = { max_connections: "120" }

/** A temporary folder that is emptied with the scope. */
export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "vivim-test-"))),
  (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
)

/** Why there is no server of the system's own to test with; null when there is. */
export const noServer: string | null = findPostgresBinaries() === undefined
  ? "no PostgreSQL server programs on this machine"
  : null

/** A server of the system's binaries. */
export const serverPostgres: Effect.Effect<TestServer, unknown, Scope.Scope> = Effect.gen(function*() {
  const folder = yield* temporaryFolder
  // PostgreSQL before 16 must be able to come to its data by its name.
  fs.chmodSync(folder, 0o755)
  const user = yield* userFor(path.join(folder, "pg"))
  const programs = yield* PostgresPrograms.programsIn(findPostgresBinaries()!.folder, user)
  const cluster = yield* PostgresCluster.open(folder, programs, user)
  let server = yield* PostgresServer.start(cluster, { settings })
  const { port } = server
  const stop = Effect.suspend(() => PostgresServer.stop(cluster, server))
  // A test that breaks down must not leave its server behind.
  const calledOff = atExit(() => tryKill(server.pid))
  yield* Effect.addFinalizer(() => Effect.ensuring(stop, Effect.sync(calledOff)))
  return {
    newDatabase: newDatabase(PostgresServer.address(cluster, server, "postgres")),
    kill: Effect.sync(() => {
      for (const pid of [server.pid, ...childrenOf(server.pid)]) tryKill(pid)
    }),
    stop,
    start: Effect.orDie(Effect.map(PostgresServer.start(cluster, { port, settings }), (again) => {
      server = again
    })),
    pid: () => server.pid
  }
})

let databases = 0

/** Makes a database on the server that has this address. */
export const newDatabase = (url: Redacted.Redacted<string>): Effect.Effect<Redacted.Redacted<string>> =>
  Effect.promise(async () => {
    const name = `laws_${process.pid}_${++databases}`
    const client = new pg.Client({ connectionString: Redacted.value(url) })
    await client.connect()
    await client.query(`create database ${name}`)
    await client.end()
    const address = new URL(Redacted.value(url))
    address.pathname = `/${name}`
    return Redacted.make(address.href)
  })

/** To look into a database with. A pool has ended before its connections have: a server that stops then is no error of a test's. */
export const poolOn = (url: string): pg.Pool => {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}

const tryKill = (pid: number) => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It ended meanwhile.
  }
}

const childrenOf = (parent: number): ReadonlyArray<number> =>
  fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return Number(/\) \S (\d+)/.exec(fs.readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1]) === parent
    } catch {
      return false
    }
  })
