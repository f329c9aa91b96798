/** The doctor, before machines, folders, databases and nodes in every state. */
import { NodeHealth } from "@vivim/contract/Operator"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as fs from "node:fs"
import { createServer, type Server } from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import pg from "pg"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { NodeConfig } from "../../../effect.config.ts"
import * as Bench from "./BackupTestBench.ts"
import * as DoctorDatabase from "./DoctorDatabase.ts"
import { type Finding, look, LookFailed } from "./DoctorFinding.ts"
import * as DoctorMachine from "./DoctorMachine.ts"
import * as DoctorNode from "./DoctorNode.ts"
import { folders } from "./Folders.ts"
import { version } from "./Version.ts"

const parent = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-doctor-"))
afterAll(() => fs.rmSync(parent, { recursive: true, force: true }))
let made = 0

/** A data folder as a started node leaves it. */
const lived = () => {
  const at = folders(path.join(parent, `node${++made}`))
  fs.mkdirSync(at.accounts, { recursive: true })
  fs.chmodSync(at.root, 0o700)
  const put = (file: string, bytes: Buffer) => fs.writeFileSync(file, bytes, { mode: 0o600 })
  put(at.nodeKey, Buffer.alloc(32, 1))
  put(at.token, Buffer.from("token\n"))
  put(path.join(at.accounts, "me.key"), Buffer.from("{}"))
  return at
}
const states = (findings: ReadonlyArray<Finding>) =>
  Object.fromEntries(findings.map(({ check, state }) => [check, state]))
const at = (at: ReturnType<typeof folders>) => Effect.runSync(DoctorMachine.folder(at))
const treeOf = (folder: string) => fs.readdirSync(folder, { recursive: true }).toSorted()
const hasModes = process.platform !== "win32"

describe("the doctor of the machine", () => {
  it("X1 finds a Node that is too old", () => {
    for (
      const [version, state] of [["20.18.3", "fail"], ["18.20.0", "fail"], ["20.19.0", "ok"], ["22.1.0", "ok"], [
        "24.0.0",
        "ok"
      ]]
    ) {
      assert.strictEqual(DoctorMachine.nodeVersion(version!).state, state, version)
    }
  })

  it("X1 finds a native module that does not load, and one that does", async () => {
    const broken = DoctorMachine.sqlite(() =>
      Promise.reject(new Error("was compiled against another version of Node\nand more"))
    )
    assert.deepInclude(await Effect.runPromise(broken), {
      state: "fail",
      says:
        "The native module better-sqlite3-multiple-ciphers does not load (was compiled against another version of Node)."
    })
    assert.strictEqual(states(await Effect.runPromise(DoctorMachine.machine(parent)))["sqlite"], "ok")
  })

  it("X1 is content with a folder that is not there yet, and does not make it", () => {
    const found = at(folders(path.join(parent, "not", "yet")))
    assert.deepStrictEqual(states(found), { "data folder": "ok", "node key": "ok", disk: "ok" })
    assert.isFalse(fs.existsSync(path.join(parent, "not")))
  })

  it("X1 is content with the folder of a node, and leaves it as it is", () => {
    const node = lived()
    const before = treeOf(node.root)
    assert.isTrue(at(node).every(({ state, todo }) => state === "ok" && todo === null))
    assert.deepStrictEqual(treeOf(node.root), before)
  })

  it("X1 finds a file where the folder should be", () => {
    const file = path.join(parent, "file")
    fs.writeFileSync(file, "")
    assert.strictEqual(states(at(folders(file)))["data folder"], "fail")
    assert.strictEqual(states(at(folders(path.join(file, "below"))))["data folder"], "fail")
  })

  // Root may write anywhere.
  it.skipIf(process.getuid?.() === 0)("X1 finds a folder that cannot be written to", () => {
    const node = lived()
    fs.chmodSync(node.root, 0o500)
    assert.strictEqual(states(at(node))["data folder"], "fail")
    fs.chmodSync(node.root, 0o700)
  })

  it("X1 tells how much room is left, and when it is little", () => {
    for (const [mebibytes, state] of [[100, "fail"], [1_000, "warn"], [10_000, "ok"]] as const) {
      assert.strictEqual(DoctorMachine.disk(parent, mebibytes * 1024 ** 2).state, state)
    }
  })

  // Windows has no such bits.
  it.skipIf(!hasModes)("X2 finds what others can read, and says how to close it", () => {
    for (
      const [check, name, state] of [["node key", "node.key", "fail"], ["token", "session.token", "fail"], [
        "accounts",
        "accounts/me.key",
        "fail"
      ], ["data folder", ".", "warn"]]
    ) {
      const node = lived()
      const file = path.join(node.root, name!)
      fs.chmodSync(file, 0o755)
      const found = at(node)
      assert.deepStrictEqual(found.filter(({ state }) => state !== "ok").map(({ check }) => check), [check])
      const wrong = found.find(({ state }) => state !== "ok")
      assert.strictEqual(wrong!.state, state)
      assert.include(wrong!.todo, path.join(node.root, name!))
    }
  })

  it("X2 finds a key that is missing or cut short", () => {
    const missing = lived()
    fs.rmSync(missing.nodeKey)
    assert.strictEqual(states(at(missing))["node key"], "fail")
    const short = lived()
    fs.truncateSync(short.nodeKey, 31)
    assert.include(at(short).find(({ check }) => check === "node key")!.says, "31 bytes")
  })

  it("tells a look that went wrong, and takes the others", async () => {
    const found = await Effect.runPromise(look("thing", Effect.fail(new LookFailed({ message: "it is not there" }))))
    assert.deepInclude(found[0], { check: "thing", state: "fail", says: "it is not there." })
    assert.deepInclude((await Effect.runPromise(look("thing", Effect.die(new Error("it broke")))))[0], {
      state: "fail",
      says: "it broke."
    })
  })
})

describe("the doctor of the database", () => {
  const scope = Effect.runSync(Scope.make())
  let url: string
  const ask = async (text: string, database = url) => {
    const client = new pg.Client({ connectionString: database })
    await client.connect()
    await client.query(text)
    await client.end()
  }
  const other = (name: string, user?: string) => {
    const address = new URL(url)
    address.pathname = `/${name}`
    if (user !== undefined) address.username = address.password = user
    return address.href
  }
  const found = async (databaseUrl: string, dataDir = path.join(parent, "nowhere")) =>
    (await Effect.runPromise(
      DoctorDatabase.database({ databaseUrl: Redacted.make(databaseUrl), dataDir } as NodeConfig["node"])
    ))[0]!

  beforeAll(async () => {
    url = Redacted.value(await Effect.runPromise(Scope.extend(Effect.flatten(Bench.newDatabases), scope)))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  it("X3 is content with a server that will do", async () => {
    assert.deepInclude(await found(url), { state: "ok", todo: null })
  })

  it("X3 finds a server that cannot be reached, a database that is not there, a wrong password", async () => {
    const nowhere = new URL(url)
    nowhere.port = "1"
    assert.match((await found(nowhere.href)).says, /ECONNREFUSED/)
    assert.match((await found(other("not_there"))).says, /"not_there" does not exist/)
    const stranger = await found(other("postgres", "stranger"))
    assert.match(stranger.says, /password authentication failed/)
    assert.notInclude(JSON.stringify(stranger), new URL(url).password)
  })

  it("X3 finds another encoding, and a user who may not make tables", async () => {
    await ask("create database ascii encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0")
    assert.deepInclude(await found(other("ascii")), {
      state: "fail",
      says: "The database keeps its text as SQL_ASCII."
    })
    await ask("create role guest login password 'guest'")
    assert.deepInclude(await found(other("postgres", "guest")), {
      state: "fail",
      says: "The database's user may not make tables and schemas in it."
    })
  })

  it("X3 tries the embedded PostgreSQL out without starting one or making its folder", async () => {
    const nowhere = path.join(parent, "nowhere")
    assert.match((await found("", nowhere)).says, /^The embedded PostgreSQL \d+ runs .* made at the first start/)
    assert.isFalse(fs.existsSync(nowhere))
    const old = path.join(parent, "old")
    fs.mkdirSync(path.join(old, "pg9"), { recursive: true })
    assert.match((await found("", old)).says, /written by PostgreSQL 9/)
    assert.deepStrictEqual(fs.readdirSync(old), ["pg9"])
  })
})

describe("the doctor of the node", () => {
  const view = {
    view: "library",
    version: 3,
    position: 500,
    lag: 0,
    lagMs: 0,
    late: false,
    state: "running" as const,
    stop: null,
    trouble: null,
    skipped: [],
    usersBehind: 0,
    users: []
  }
  const stop = { position: 7, stream: "document/d1", version: 3, type: "document.X", reason: "it broke", since: 0 }
  const health = (parts: Partial<NodeHealth>) =>
    new NodeHealth({
      version,
      startedAt: 0,
      database: { kind: "embedded", version: "17.1", ok: true },
      log: { position: 500 },
      views: [view],
      quarantined: 0,
      memoryBytes: 100 << 20,
      ready: true,
      problems: [],
      warnings: [],
      ...parts
    })
  const wrong = (parts: Partial<NodeHealth>, loopLagMs = 5) =>
    DoctorNode.running(health(parts), loopLagMs).filter(({ state }) => state !== "ok").map(({ check, state }) =>
      `${state} ${check}`
    )

  it("X4 tells what a node says of itself, and what of it is wrong", () => {
    assert.deepStrictEqual(wrong({}), [])
    assert.deepStrictEqual(wrong({ ready: false, problems: ["view library trails"] }), ["fail node"])
    assert.deepStrictEqual(wrong({ version: "0.0.1" }), ["warn version"])
    assert.deepStrictEqual(wrong({ database: { kind: "server", version: "?", ok: false } }), ["fail log"])
    assert.deepStrictEqual(wrong({ views: [{ ...view, state: "stopped", stop }] }), ["fail view library"])
    assert.deepStrictEqual(wrong({ views: [{ ...view, state: "waiting", trouble: "no disk" }] }), ["fail view library"])
    assert.deepStrictEqual(wrong({ views: [{ ...view, lag: 101 }] }), ["warn view library"])
    assert.deepStrictEqual(wrong({ views: [{ ...view, lag: 3, late: true }] }), ["fail view library"])
    assert.deepStrictEqual(wrong({}, 1_500), ["warn event loop"])
    assert.include(
      DoctorNode.running(health({ ready: false, problems: ["view library trails"] }), null)[0]!.says,
      "view library trails"
    )
  })

  it("X4 tells at which event a view or a user's file stopped, and what to do", () => {
    const told = (of: NodeHealth["views"][number]) => {
      const found = DoctorNode.running(health({ views: [of] }), null)
      return found.filter(({ state }) => state !== "ok").map(({ says, todo }) => `${says} ${todo}`).join("\n")
    }
    const whole = told({ ...view, state: "stopped", stop })
    assert.include(whole, "stopped at position 7, document.X in document/d1 at version 3: it broke.")
    assert.include(whole, "vivim views resume library; else: vivim views skip library --position 7 --reason")
    const users = [{ user: "did:key:zAda", state: "stopped" as const, stop }]
    const one = told({ ...view, usersBehind: 1, users })
    assert.include(one, "The file of did:key:zAda is stopped at position 7")
    assert.include(one, "vivim views resume library --user did:key:zAda")
    const crowd = Array.from({ length: 30 }, (_, n) => ({ ...users[0]!, user: `did:key:z${n}` }))
    assert.include(told({ ...view, usersBehind: 240, users: crowd }), "240 users' files")
    assert.lengthOf(told({ ...view, usersBehind: 240, users: crowd }).split("\n"), 11)
  })

  it("X5 tells a port that something else holds from one that is free", async () => {
    const holder: Server = await new Promise((resolve) => {
      const server = createServer()
      server.listen(0, "127.0.0.1", () => resolve(server))
    })
    const { port } = holder.address() as { readonly port: number }
    const at = { host: "127.0.0.1", port } as NodeConfig["node"]
    assert.deepInclude(await Effect.runPromise(DoctorNode.notRunning(at)), {
      state: "fail",
      says: `No node answers, and something else listens on port ${port}.`
    })
    await new Promise((resolve) => holder.close(resolve))
    assert.deepInclude(await Effect.runPromise(DoctorNode.notRunning(at)), {
      state: "ok",
      says: `No node runs; port ${port} is free.`
    })
    // 192.0.2.1 is for documentation (RFC 5737): no machine has it.
    assert.include((await Effect.runPromise(DoctorNode.notRunning({ ...at, host: "192.0.2.1" }))).says, "EADDRNOTAVAIL")
  })
})
