/** Clusters and their servers, of the embedded programs. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import pg from "pg"
import { afterAll, afterEach, assert, beforeAll, describe, it } from "vitest"
import * as PostgresCluster from "./PostgresCluster.ts"
import { EmbeddedPostgresError } from "./PostgresError.ts"
import { npmPrograms, type Programs } from "./PostgresPrograms.ts"
import * as PostgresServer from "./PostgresServer.ts"
import { type SystemUser, userFor } from "./PostgresUser.ts"

const run = Effect.runPromise
/** Nobody but us may enter it: what lies inside is out of reach for whomever PostgreSQL runs as. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-server-"))
const user: SystemUser | null = Effect.runSync(userFor(path.join(folder, "none")))
let programs: Programs
let cluster: PostgresCluster.Cluster
const running: Array<readonly [PostgresCluster.Cluster, PostgresServer.Server]> = []

const place = (name: string): string => {
  const at = path.join(folder, name)
  fs.mkdirSync(at, { recursive: true })
  return at
}
const open = (name: string) => PostgresCluster.open(place(name), programs, user)
const start = async (of: PostgresCluster.Cluster) => {
  const server = await run(PostgresServer.start(of))
  running.push([of, server])
  return server
}

const connect = async (
  of: PostgresCluster.Cluster,
  server: PostgresServer.Server,
  password = of.password
): Promise<pg.Client> => {
  const client = new pg.Client({ host: "127.0.0.1", port: server.port, user: "vivim", password, database: "postgres" })
  client.on("error", () => {})
  await client.connect()
  return client
}

/** Of a cluster that is made once, because that takes seconds; without its server. */
const copyOf = async (name: string): Promise<PostgresCluster.Cluster> => {
  const to = path.join(place(name), path.basename(cluster.folder))
  fs.cpSync(cluster.folder, to, { recursive: true, preserveTimestamps: true })
  const give = (at: string): void => {
    const stat = fs.lstatSync(at)
    if (user !== null) fs.lchownSync(at, user.uid, user.gid)
    if (stat.isDirectory()) { for (const name of fs.readdirSync(at)) give(path.join(at, name)) }
  }
  give(to)
  return run(open(name))
}

beforeAll(async () => {
  programs = await run(npmPrograms(folder, user))
  cluster = await run(open("first"))
})
afterEach(async () => {
  for (const [of, server] of running.splice(0)) await run(PostgresServer.stop(of, server))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe("a cluster", () => {
  it("L1 is made whole or not at all, also by two at once", async () => {
    const [one, other] = await run(Effect.all([open("twice"), open("twice")], { concurrency: 2 }))
    assert.strictEqual(one.password, other.password)
    assert.deepStrictEqual(fs.readdirSync(place("twice")), ["pg17"])
    assert.strictEqual(fs.statSync(path.join(one.folder, "password")).mode & 0o777, 0o600)
    assert.strictEqual(fs.statSync(one.folder).mode & 0o777, 0o700)
  })

  it("L1 clears away what a crash left behind, and never takes it for a cluster", async () => {
    const left = path.join(place("crashed"), "pg17.new-abcdef")
    fs.mkdirSync(left)
    fs.utimesSync(left, 0, 0)
    const under = path.join(place("crashed"), "pg17.new-ghijkl")
    fs.mkdirSync(under)
    await run(open("crashed"))
    assert.deepStrictEqual(
      fs.readdirSync(place("crashed")).toSorted(),
      ["pg17", "pg17.new-ghijkl"],
      "another may be at work there"
    )
    fs.rmSync(path.join(place("crashed"), "pg17", "password"))
    const error = await run(Effect.flip(open("crashed")))
    assert.match(error.message, /is not a complete PostgreSQL cluster: put the missing files back/)
  })

  it("L2 of another version is left alone", async () => {
    fs.mkdirSync(path.join(place("older"), "pg16"))
    const error = await run(Effect.flip(open("older")))
    assert.instanceOf(error, EmbeddedPostgresError)
    assert.match(error.message, /written by PostgreSQL 16, and this version of VIVIM brings 17: make a backup/)
    assert.deepStrictEqual(fs.readdirSync(place("older")), ["pg16"])
  })

  it("L3 may lie where its user cannot come", async () => {
    assert.strictEqual(fs.statSync(folder).mode & 0o077, 0)
    const server = await start(cluster)
    const client = await connect(cluster, server)
    await client.query("create table kept as select 1 as one")
    await client.end()
    assert.strictEqual(cluster.dataArgument, user === null ? cluster.data : "/proc/self/cwd")
    if (user !== null) assert.strictEqual(fs.statSync(`/proc/${server.pid}`).uid, user.uid)
  })
})

describe("a server", () => {
  it("V1 is on loopback only, and asks for the password", async () => {
    const server = await start(cluster)
    const client = await connect(cluster, server)
    const setting = async (name: string) => Object.values((await client.query(`show ${name}`)).rows[0])[0]
    assert.strictEqual(await setting("listen_addresses"), "127.0.0.1")
    assert.strictEqual(await setting("unix_socket_directories"), "")
    for (const name of ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"]) {
      assert.strictEqual(await setting(name), "on")
    }
    assert.strictEqual(await setting("timezone"), "UTC")
    await client.end()
    for (const password of ["", "wrong"]) {
      assert.match(await connect(cluster, server, password).then(() => "let in", String), /password/)
    }
    const args = fs.readFileSync(`/proc/${server.pid}/cmdline`, "latin1") +
      fs.readFileSync(`/proc/${server.pid}/environ`, "latin1")
    assert.notInclude(args, cluster.password)
  })

  it("V2 that runs already is taken over", async () => {
    const first = await start(cluster)
    const second = await run(PostgresServer.start(cluster))
    assert.deepStrictEqual(second, { ...first, adopted: true })
    const client = await connect(cluster, second)
    await client.end()
  })

  it("V2 that is just being stopped is waited for, and started again", async () => {
    const first = await start(cluster)
    const [, second] = await Promise.all([run(PostgresServer.stop(cluster, first)), start(cluster)])
    const client = await connect(cluster, second)
    await client.end()
  })

  it("V3 of the folder this one was copied from is not taken for its own", async () => {
    const original = await start(cluster)
    const copy = await copyOf("copied")
    assert.isTrue(fs.existsSync(path.join(copy.data, "postmaster.pid")), "it says that the original runs")
    const server = await start(copy)
    assert.notStrictEqual(server.pid, original.pid)
    assert.isFalse(server.adopted)
    const [one, other] = [await connect(cluster, original), await connect(copy, server)]
    await one.query("create table only_here ()")
    assert.strictEqual((await other.query("select to_regclass('only_here') as t")).rows[0].t, null)
    await Promise.all([one.end(), other.end()])
  })

  it("V3 whose number went to a stranger is started anew, and the stranger is left alone", async () => {
    const copy = await copyOf("rebooted")
    const stranger = spawn("sleep", ["60"], { ...user && { uid: user.uid, gid: user.gid }, cwd: "/", stdio: "ignore" })
    const lines = [stranger.pid, copy.dataArgument, 1, 5432, "", "127.0.0.1", "  2146633         4", "ready   ", ""]
    fs.writeFileSync(path.join(copy.data, "postmaster.pid"), lines.join("\n"))
    const server = await start(copy)
    assert.isFalse(server.adopted)
    await run(PostgresServer.stop(copy, { pid: stranger.pid!, port: 0, adopted: true }))
    assert.isNull(stranger.exitCode)
    assert.isNull(stranger.signalCode)
    stranger.kill("SIGKILL")
  })

  it("V4 stops in order, though sessions are open and at work", async () => {
    const server = await start(cluster)
    const clients = await Promise.all(Array.from({ length: 10 }, () => connect(cluster, server)))
    await clients[0]!.query("begin")
    const sleeping = clients[1]!.query("select pg_sleep(60)").catch(String)
    const begun = performance.now()
    await run(PostgresServer.stop(cluster, server))
    assert.isBelow(performance.now() - begun, 10_000)
    assert.isFalse(fs.existsSync(path.join(cluster.data, "postmaster.pid")))
    assert.match(String(await sleeping), /terminat/)
    assert.match(fs.readFileSync(cluster.log, "utf8"), /database system is shut down/)
  })

  it("V4 says what was wrong when it does not start", async () => {
    const copy = await copyOf("broken")
    fs.rmSync(path.join(copy.data, "global", "pg_control"))
    const error = await run(Effect.flip(PostgresServer.start(copy)))
    assert.match(error.message, /PostgreSQL did not start \(.*pg_control.*\): see .*server\.log\.$/)
    assert.include(
      Redacted.value(PostgresServer.address(copy, { pid: 1, port: 2, adopted: false }, "x")),
      "@127.0.0.1:2/x"
    )
  })
})
