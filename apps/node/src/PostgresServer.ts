/**
 * The server of a cluster: started, found again, and stopped.
 *
 * V1  It listens on loopback only, on a port that was free, and lets nobody in without the password.
 * V2  It outlives a node that was killed; the next node finds it and takes it over instead of starting another.
 * V3  What it finds is proved to serve this very folder: neither the server of a copied folder nor a stranger that got its
 *     number after a reboot is taken for it.
 * V4  It stops in order and within bounds, however many are connected.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { createServer } from "node:net"
import * as path from "node:path"
import pg from "pg"
import { type Cluster, environment, role } from "./PostgresCluster.ts"
import { EmbeddedPostgresError } from "./PostgresError.ts"
import { runAs } from "./PostgresPrograms.ts"

export interface Server {
  readonly pid: number
  readonly port: number
  /** It ran already. */
  readonly adopted: boolean
}

/** Small memory, a peer that is gone is noticed in seconds, and nothing that could lose what was acknowledged. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "50",
  shared_buffers: "64MB",
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  password_encryption: "scram-sha-256",
  ssl: "off",
  jit: "off",
  max_wal_size: "512MB",
  // What the log had is gone with a checkpoint, wrapped keys that were destroyed among it: recycled segments keep it.
  wal_recycle: "off",
  wal_init_zero: "on",
  log_checkpoints: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  tcp_keepalives_idle: "5",
  tcp_keepalives_interval: "2",
  tcp_keepalives_count: "3",
  tcp_user_timeout: "10000",
  idle_in_transaction_session_timeout: "15s",
  logging_collector: "off"
}

export interface ServerOptions {
  /** A port to insist on; else one that is free. */
  readonly port?: number
  /** More settings, or others. */
  readonly settings?: Readonly<Record<string, string>>
}

const readyMsMax = 120_000
const pollMs = 20

/** Where a client finds a database of this server. */
export const address = ({ password }: Cluster, { port }: Server, database: string): Redacted.Redacted<string> =>
  Redacted.make(`postgres://${role}:${password}@127.0.0.1:${port}/${database}`)

/** Takes over the server that runs on this cluster, or starts one. */
export const start = Effect.fn("PostgresServer.start")(function*(cluster: Cluster, options: ServerOptions = {}) {
  for (let waitedMs = 0; waitedMs < readyMsMax; waitedMs += pollMs) {
    const found = readPidFile(cluster)
    if (found === null || !isRunning(found.pid)) {
      const started = yield* launch(cluster, options)
      if (started !== null) return started
    } else if (isForeign(cluster, found.pid)) disown(cluster)
    else if (found.ready && (yield* serves(cluster, found.port))) {
      return { pid: found.pid, port: found.port, adopted: true }
    }
    yield* Effect.sleep(pollMs)
  }
  return yield* new EmbeddedPostgresError({
    message:
      `A PostgreSQL server holds ${cluster.folder} and does not answer: stop it (its process number is the first line of ` +
      `${path.join(cluster.data, "postmaster.pid")}), then start again. What it says is in ${cluster.log}.`
  })
})

interface PidFile {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

const pidFile = ({ data }: Cluster): string => path.join(data, "postmaster.pid")

/** Lines: pid, data directory, start time, port, socket directory, address, shared memory, status. */
const readPidFile = (cluster: Cluster): PidFile | null => {
  try {
    const lines = fs.readFileSync(pidFile(cluster), "utf8").split("\n")
    const pid = Number(lines[0])
    return pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === "ready" } : null
  } catch {
    return null
  }
}

/** A process that ended and was not waited for yet does not run any more. */
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
  try {
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return true
  }
}

/** Whether that process is certainly not the server of this cluster: a server stands in its data directory. */
const isForeign = ({ data }: Cluster, pid: number): boolean => {
  if (!fs.existsSync("/proc/self/cwd")) return false
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`) !== fs.realpathSync(data)
  } catch {
    return true
  }
}

/** No process can have this number. PostgreSQL's own look at shared memory, further down in the file, stays in force. */
const impossiblePid = 2_147_483_646

/** The number in the pid file belongs to a stranger: PostgreSQL, seeing it alive, would refuse to start. */
const disown = (cluster: Cluster): void => {
  const [, ...rest] = fs.readFileSync(pidFile(cluster), "utf8").split("\n")
  fs.writeFileSync(pidFile(cluster), [impossiblePid, ...rest].join("\n"))
}

/** Whether the server at this port knows our password, and reads in its data directory what we write there now. */
const serves = (cluster: Cluster, port: number): Effect.Effect<boolean> => {
  const name = `vivim-${randomBytes(8).toString("hex")}`
  const file = path.join(cluster.data, name)
  const secret = randomBytes(16).toString("hex")
  return Effect.tryPromise({
    try: () => {
      fs.writeFileSync(file, secret, { mode: 0o644 })
      return ask(cluster, port, "select pg_read_file($1)", [name]).then(([row]) => row?.[0] === secret)
    },
    catch: () => false
  }).pipe(
    Effect.merge,
    Effect.ensuring(Effect.sync(() => fs.rmSync(file, { force: true })))
  )
}

const ask = (
  cluster: Cluster,
  port: number,
  text: string,
  values: ReadonlyArray<unknown>
): Promise<Array<Array<unknown>>> => {
  const connectionString = Redacted.value(address(cluster, { pid: 0, port, adopted: false }, "postgres"))
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 3_000, query_timeout: 3_000 })
  client.on("error", () => {})
  return client.connect()
    .then(() => client.query({ text, values: [...values], rowMode: "array" }))
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

const freePort: Effect.Effect<number, EmbeddedPostgresError> = Effect.async((resume) => {
  const probe = createServer()
  probe.on(
    "error",
    (error) =>
      resume(
        new EmbeddedPostgresError({ message: `No port is free on 127.0.0.1 (${error.message}): stop some programs.` })
      )
  )
  probe.listen(0, "127.0.0.1", () => {
    const { port } = probe.address() as { readonly port: number }
    probe.close(() => resume(Effect.succeed(port)))
  })
})

/** Starts a server; null when it gave way to something that passes: another that was faster, a port just taken, the last of a dead one. */
const launch = Effect.fnUntraced(function*(cluster: Cluster, options: ServerOptions) {
  const port = options.port ?? (yield* freePort)
  const log = openLog(cluster)
  const logged = fs.fstatSync(log).size
  const child = spawn(cluster.programs.postgres, parameters(cluster, port, options), {
    cwd: cluster.data,
    ...environment,
    ...cluster.user && runAs(cluster.user),
    detached: true,
    stdio: ["ignore", log, log]
  })
  fs.closeSync(log)
  let ended: string | null = null
  child.on("error", (error) => {
    ended = error.message
  })
  child.on("exit", (code, signal) => {
    ended = `ended with ${signal ?? code}`
  })
  child.unref()
  for (let waitedMs = 0; waitedMs < readyMsMax && ended === null; waitedMs += pollMs) {
    const found = readPidFile(cluster)
    if (found !== null && found.pid === child.pid && found.ready) {
      return { pid: child.pid, port, adopted: false } satisfies Server
    }
    yield* Effect.sleep(pollMs)
  }
  const lines = fs.readFileSync(cluster.log, "utf8").slice(logged).trim().split("\n")
  const said = lines.find((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? ""
  if (/lock file ".*" already exists|shared memory block/.test(said)) return null
  if (/could not create any TCP/.test(said) && options.port === undefined) return null
  const reason = said.replace(/^.*(FATAL|PANIC): +/, "") || ended || "it is not ready after two minutes"
  return yield* new EmbeddedPostgresError({ message: `PostgreSQL did not start (${reason}): see ${cluster.log}.` })
})

const parameters = (cluster: Cluster, port: number, options: ServerOptions): Array<string> => [
  ...["-D", cluster.dataArgument, "-p", String(port)],
  ...Object.entries({ ...settings, ...options.settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`])
]

const logBytesMax = 8 * 1024 * 1024

/** What the server says is kept across starts, the last but one included. */
const openLog = ({ log }: Cluster): number => {
  if (fs.existsSync(log) && fs.statSync(log).size > logBytesMax) fs.renameSync(log, `${log}.1`)
  return fs.openSync(log, "a", 0o600)
}

/** In order first; at once, with recovery at the next start, when that takes too long. */
export const stop = Effect.fn("PostgresServer.stop")(function*(cluster: Cluster, { pid }: Server) {
  for (const [signal, msMax] of [["SIGINT", 10_000], ["SIGQUIT", 5_000], ["SIGKILL", 2_000]] as const) {
    if (!isRunning(pid) || isForeign(cluster, pid)) return
    process.kill(pid, signal)
    for (let waitedMs = 0; waitedMs < msMax && isRunning(pid); waitedMs += pollMs) yield* Effect.sleep(pollMs)
  }
})
