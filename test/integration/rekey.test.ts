/**
 * A vault gets another store key on a real node: what opens then, what goes on meanwhile, and what a kill or a backup in the middle leave
 * behind. The middle is held open by a lock on one row.
 */
import { KeyRing, secretsOf } from "@vivim/crypto/vault/KeyRing"
import type { Enrolment, KeyRow } from "@vivim/crypto/vault/VaultRows"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import * as path from "node:path"
import type pg from "pg"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { ensureBuilt } from "../../infra/build.ts"
import { noServer, poolOn, serverPostgres } from "../conformance/ServerPostgres.ts"
import { freePort, type NodeProcess, run, startNode, temporary } from "../e2e/NodeProcess.ts"
import { knock, until } from "./Company.ts"
import { said } from "./Said.ts"
import { keeper } from "./Vault.ts"

const ada = keeper()
const later = keeper()
const folder = temporary("rekey")
const backup = path.join(folder, "half.backup")
const count = 24
/** One key at a time: so that there is a middle. */
const env = { VIVIM_HANDLE: "ada", VIVIM_VAULT_REKEY_PIECE_MAX: "1", VIVIM_VAULT_VACUUM_EVERY: "1 second" }
const scope = Effect.runSync(Scope.make())
let node: NodeProcess
let database: pg.Pool

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url")
const rekey = (at: NodeProcess, storeKey: Uint8Array, next: Uint8Array) =>
  knock(at, "POST", "/vault/rekey", { storeKey: text(storeKey), next: text(next) })
const start = (n: number) => knock(node, "POST", "/conversations", { documentId: `d${n}`, title: `Tea ${n}` })
const say = (at: NodeProcess, n: number, words: string) =>
  knock(at, "POST", `/conversations/d${n}/messages`, { documentId: `d${n}`, message: said(`${words}${n}`, words) })
const found = async (at: NodeProcess, words: string): Promise<number> =>
  (await knock(at, "GET", `/search?query=${words}&limit=100`)).body?.hits?.length ?? -1
const finds = (at: NodeProcess, words: string, total: number) =>
  until(() => found(at, words), (n) => n === total, `${words} is found ${total} times`)
const through = (at: NodeProcess) =>
  until(
    async () => (await knock(at, "GET", "/vault")).body,
    (vault) => vault?.rekeying === undefined && vault.state === "unlocked",
    "all keys are wrapped anew"
  )

const keys = async (): Promise<Array<KeyRow>> =>
  (await database.query("select * from data_key order by stream, generation")).rows
const enrolment = async (): Promise<Enrolment> =>
  (await database.query("select owner, check_value as check, generation, bridge from vault")).rows[0]
const fileOf = async () => (await database.query("select pg_relation_filepath('data_key') as file")).rows[0].file

/** How many of the keys open under a store key alone, with no way to another one. */
const opened = (rows: ReadonlyArray<KeyRow>, { generation, owner }: Enrolment, storeKey: Uint8Array) => {
  const ring = new KeyRing(secretsOf(storeKey, generation), { owner, generation, bridge: null }, rows, 0)
  return rows.map((row) => {
    try {
      // Whatever is said of it: the key itself is what counts.
      ring.learn({ ...row, under: generation })
      return ring.find(row.stream, row.generation) !== undefined
    } catch {
      return false
    }
  })
}

describe.skipIf(noServer !== null)("a store key in the place of another", () => {
  beforeAll(async () => {
    const server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
    const url = Redacted.value(await Effect.runPromise(server.newDatabase))
    database = poolOn(url)
    node = await startNode({ dataDir: path.join(folder, "data"), env: { ...env, VIVIM_DATABASE_URL: url } })
    assert.strictEqual((await ada.enroll(node)).status, 200)
    assert.strictEqual((await ada.unlock(node)).status, 200)
    for (let n = 0; n < count; n++) {
      assert.strictEqual((await start(n)).status, 200)
      assert.strictEqual((await say(node, n, "gyokuro")).status, 200)
    }
    await finds(node, "gyokuro", count)
  }, 180_000)
  afterAll(async () => {
    await node?.stop()
    await database?.end()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  it("in the middle: reads and writes go on, the old one opens no door, each key opens under one of the two", async () => {
    const holder = await database.connect()
    const middle = (await keys())[count >> 1]!
    const isHeld = (row: KeyRow) => row.stream === middle.stream && row.generation === middle.generation
    await holder.query("begin")
    await holder.query("select from data_key where stream = $1 and generation = $2 for update", [
      middle.stream,
      middle.generation
    ])
    assert.strictEqual((await rekey(node, randomBytes(32), later.storeKey)).body._tag, "WrongStoreKey")
    const answer = await rekey(node, ada.storeKey, later.storeKey)
    assert.strictEqual(answer.status, 200, JSON.stringify(answer.body))
    const progress = await until(
      async () => (await knock(node, "GET", "/vault")).body.rekeying,
      (now) => now?.done === count >> 1,
      "it has come to the row that is held"
    )
    assert.isAtLeast(progress.total, count)
    assert.strictEqual((await say(node, 1, "sencha")).status, 200)
    assert.strictEqual((await say(node, count - 1, "sencha")).status, 200)
    assert.strictEqual((await start(count)).status, 200)
    await finds(node, "sencha", 2)
    assert.strictEqual((await node.vivim("backup", backup)).code, 0)
    await node.kill()
    // What the node had asked the database would be done yet.
    await database.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
    await holder.query("rollback")
    holder.release()
    const [rows, there] = [await keys(), await enrolment()]
    assert.strictEqual(there.generation, 2)
    assert.isNotNull(there.bridge)
    assert.strictEqual(rows.find(isHeld)?.under, 1)
    const [old, now] = [opened(rows, there, ada.storeKey), opened(rows, there, later.storeKey)]
    assert.isTrue(rows.every((row, n) => old[n] === (row.under === 1) && now[n] === (row.under === 2)))
    assert.isAbove(old.filter(Boolean).length, 3)
    assert.isAbove(now.filter(Boolean).length, 3)
  })

  it("after a kill: the new one unlocks alone and goes on; the old one is refused like any other", async () => {
    node = await node.again()
    const file = await fileOf()
    const [old, none] = [await ada.unlock(node), await ada.unlock(node, randomBytes(32))]
    assert.strictEqual(old.body._tag, "WrongStoreKey")
    assert.deepStrictEqual(old, none)
    assert.strictEqual((await later.unlock(node)).status, 200)
    await finds(node, "gyokuro", count)
    await through(node)
    const rows = await keys()
    const there = await enrolment()
    assert.isNull(there.bridge)
    assert.isFalse(opened(rows, there, ada.storeKey).some(Boolean))
    assert.isTrue(opened(rows, there, later.storeKey).every(Boolean))
    await until(fileOf, (now) => now !== file, "the table is written anew, and dead rows with old wraps are gone")
    assert.strictEqual((await say(node, 2, "bancha")).status, 200)
    await finds(node, "bancha", 1)
    // A client whose answer was lost asks again.
    assert.strictEqual((await rekey(node, ada.storeKey, later.storeKey)).status, 200)
    assert.strictEqual((await rekey(node, ada.storeKey, randomBytes(32))).body._tag, "WrongStoreKey")
  })

  it("is an event of the user's, without anything of a key, and stands in the security log once", async () => {
    const { stdout } = await node.vivim("events", "--type", "user.StoreKeyReplaced", "--json")
    const [event, ...more] = stdout.trim().split("\n").map((line) => JSON.parse(line))
    assert.deepStrictEqual(more, [])
    assert.match(event.stream, /^user\//)
    const log = (await knock(node, "GET", "/account/security")).body
    assert.deepStrictEqual(
      log.filter(({ kind }: any) => kind === "StoreKeyReplaced").map(({ position }: any) => position),
      [event.position]
    )
    const secrets = [ada, later].flatMap(({ storeKey }) => [text(storeKey), storeKey.toString("hex")])
    for (const secret of secrets) {
      assert.notInclude(stdout, secret)
      assert.notInclude(node.output(), secret)
    }
    for (const args of [["replay", "--compare"], ["audit"], ["doctor"]]) {
      const ran = await node.vivim(...args)
      assert.strictEqual(ran.code, 0, ran.stdout + ran.stderr)
    }
  })

  it("half done in a backup, is opened by the new one there as well, and goes on", async () => {
    const dataDir = path.join(folder, "restored")
    const { vivim } = await ensureBuilt()
    const ran = await run(vivim, ["restore", backup, "--key", path.join(node.dataDir, "node.key")], {
      ...{ VIVIM_DATA_DIR: dataDir, VIVIM_PORT: String(await freePort()) }
    })
    assert.strictEqual(ran.code, 0, ran.stderr)
    const restored = await startNode({ dataDir, env })
    try {
      assert.strictEqual((await ada.unlock(restored)).body._tag, "WrongStoreKey")
      assert.strictEqual((await later.unlock(restored)).status, 200)
      await finds(restored, "gyokuro", count)
      await finds(restored, "sencha", 2)
      await through(restored)
      assert.strictEqual((await say(restored, 2, "hojicha")).status, 200)
      assert.strictEqual((await restored.vivim("replay", "--compare")).code, 0)
    } finally {
      await restored.stop()
    }
  })
})
