/**
 * A vault on a node of several real processes: unlocked at one door it is open at all, and locked at one at none; with an account whose
 * sessions open and end. Then everything on the disks and in the database is looked through for the keys.
 */
import * as Gcm from "@vivim/crypto/vault/Gcm"
import { checkOf } from "@vivim/crypto/vault/KeyRing"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { noServer } from "../conformance/ServerPostgres.ts"
import { as, newClientKey, newDevice, signIn, signUp } from "../conformance/SigningClient.ts"
import { type NodeProcess, oftenAsked, startNode } from "../e2e/NodeProcess.ts"
import { type Company, company, knock, until } from "./Company.ts"
import { said } from "./Said.ts"

const storeKey = randomBytes(32)
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url")
const env = { ...oftenAsked, VIVIM_SIGN_UP: "open", VIVIM_VAULT_SESSIONS_EVERY: "1 second", VIVIM_LOG_LEVEL: "debug" }

describe.skipIf(noServer !== null)("a vault on a node of several processes", () => {
  const ada = newDevice()
  let all: Company
  /** Those that run. */
  let live: ReadonlyArray<NodeProcess> = []
  let key: Awaited<ReturnType<typeof newClientKey>>
  let token: string
  /** What processes said that are gone. */
  let output = ""

  const asked = async (node: NodeProcess, method: string, at: string, body?: object, by = token) => {
    const { body: answer, status } = await as(node, key, by, method, at, body)
    return { status, body: answer }
  }
  const nodes = (): readonly [NodeProcess, NodeProcess] => [live[0]!, live[1]!]
  const state = async (node: NodeProcess) => (await asked(node, "GET", "/vault")).body?.state
  const unlock = (node: NodeProcess) => asked(node, "POST", "/vault/unlock", { storeKey: text(storeKey) })
  const say = (node: NodeProcess, id: string, words: string) =>
    asked(node, "POST", "/conversations/d1/messages", { documentId: "d1", message: said(id, words) })
  const found = (node: NodeProcess, words: string) =>
    until(
      async () => (await asked(node, "GET", `/search?query=${words}`)).body?.hits?.length,
      (total) => total === 1,
      `${words} is found`
    )
  const everywhere = async (wished: string) => {
    for (const node of live) await until(() => state(node), (now) => now === wished, `${wished} at ${node.origin}`)
  }
  const lockings = async () =>
    Number((await all.database.query("select locked from vault_lock where owner = $1", [ada.userId])).rows[0]?.locked)
  /** Waits until something has locked the vault; the database tells, for whoever signed in to see it would keep it open. */
  const locks = async (work: () => Promise<unknown>) => {
    const before = await lockings()
    await work()
    await until(lockings, (now) => now > before, "nobody is signed in any more")
  }
  const signedIn = async (node: NodeProcess) => {
    const opened = await signIn(node, ada, key)
    assert.strictEqual(opened.status, 200, opened.text)
    return opened.body.accessToken as string
  }

  beforeAll(async () => {
    all = await company(0)
    live = [await all.join(env), await all.join(env)]
    key = await newClientKey()
    const opened = await signUp(nodes()[0], ada, key, "ada")
    assert.strictEqual(opened.status, 200, opened.text)
    token = opened.body.accessToken
  }, 240_000)
  afterAll(() => all?.end())

  it("brought and unlocked at one door it is open at the other: to write, to read, to search", async () => {
    const [one, other] = nodes()
    await until(() => state(other), (now) => now === "open", "the other has heard of the account")
    assert.deepInclude(await asked(one, "POST", "/vault", { check: text(checkOf(storeKey)) }), {
      status: 200,
      body: { state: "locked" }
    })
    assert.strictEqual(await state(other), "locked")
    assert.deepInclude(await unlock(one), { status: 200, body: { state: "unlocked" } })
    assert.strictEqual(await state(other), "unlocked")
    assert.strictEqual((await asked(other, "POST", "/conversations", { documentId: "d1", title: "Tea" })).status, 200)
    assert.strictEqual((await say(other, "m1", "gyokuro steeps at sixty degrees")).status, 200)
    for (const node of live) await found(node, "gyokuro")
  }, 120_000)

  it("locked at one door it is refused at the other as soon as that is answered", async () => {
    const [one, other] = nodes()
    assert.deepInclude(await asked(other, "POST", "/vault/lock", {}), { status: 200, body: { state: "locked" } })
    assert.strictEqual(await state(one), "locked")
    for (const node of live) {
      assert.strictEqual((await asked(node, "GET", "/search?query=gyokuro")).status, 423)
      assert.strictEqual((await say(node, "m2", "more")).status, 423)
    }
    assert.strictEqual((await unlock(other)).status, 200)
    assert.strictEqual((await say(one, "m2", "sencha likes it hotter")).status, 200)
  }, 120_000)

  it(
    "stays open when the process that unlocked it is killed, and one that starts later is given the keys",
    async () => {
      const [one, other] = nodes()
      output += other.output()
      await other.kill()
      await until(
        async () => (await say(one, "m3", "bancha forgives everything")).status,
        (status) => status === 200 || status === 409,
        "the one that is left takes the actors over"
      )
      const third = await all.join(env)
      await until(() => state(third), (now) => now === "unlocked", "it is given the keys")
      await found(third, "bancha")
      output += one.output()
      await one.kill()
      assert.strictEqual(await state(third), "unlocked")
      live = [third, await one.again()]
      await everywhere("unlocked")
    },
    240_000
  )

  it("is locked behind the last session, wherever that is ended, and by one that expires", async () => {
    const [one, other] = nodes()
    const second = await signedIn(other)
    await locks(async () => {
      assert.strictEqual((await asked(one, "POST", "/sessions/end", {}, second)).status, 200, "all of them")
    })
    token = await signedIn(one)
    await everywhere("locked")
    assert.strictEqual((await unlock(one)).status, 200)
    const third = await signedIn(other)
    assert.strictEqual((await asked(one, "POST", "/sessions/end", { others: true }, third)).status, 200)
    token = third
    assert.strictEqual(await state(one), "unlocked", "one is left")
    await locks(() =>
      all.database.query("update user_session set expires_at = $1 where user_id = $2", [Date.now() - 1, ada.userId])
    )
    token = await signedIn(other)
    await everywhere("locked")
    assert.strictEqual((await unlock(other)).status, 200)
  }, 120_000)

  it("is locked when its account is suspended, though it is signed in", async () => {
    const [one] = nodes()
    assert.strictEqual(await state(one), "unlocked")
    const suspended = await knock(one, "POST", `/users/${ada.userId}/suspension`, { reason: "so", until: null })
    assert.strictEqual(suspended.status, 200, JSON.stringify(suspended.body))
    const reinstated = await knock(one, "POST", `/users/${ada.userId}/reinstatement`, { reason: "so" })
    assert.strictEqual(reinstated.status, 200, JSON.stringify(reinstated.body))
    await everywhere("locked")
    assert.strictEqual((await unlock(one)).status, 200)
  }, 120_000)

  it("leaves no key on a disk, in the database or in a log, while it is unlocked in every process", async () => {
    const folder = path.dirname(live[0]!.dataDir)
    const root = Gcm.extract(storeKey, "vivim/store/v1")
    const [wrapping, address, check] = ["wrap", "address", "check"].map((what) => Gcm.expand(root, what))
    const { rows: [server] } = await all.database.query("show data_directory")
    await all.database.query("checkpoint")
    const places = [folder, server.data_directory as string]
    const files = places.flatMap((place) =>
      fs.readdirSync(place, { recursive: true, encoding: "utf8" }).map((name) => path.join(place, name))
    ).filter((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    assert.isAbove(files.length, 500, "the database's files are looked through as well")
    const { rows: tables } = await all.database.query(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname <> 'pg_catalog'"
    )
    const dump: Array<string> = []
    for (const { name } of tables) {
      const { rows } = await all.database.query(`select t::text as row from ${name} t`)
      dump.push(...rows.map(({ row }) => row))
    }
    const texts = [
      ...files.map((file) => fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0)),
      Buffer.from(dump.join("\n")),
      Buffer.from(output + live.map((node) => node.output()).join(""))
    ]
    const hits = (bytes: Uint8Array) => {
      const forms = [
        Buffer.from(bytes),
        ...(["hex", "base64", "base64url"] as const).map((form) =>
          Buffer.from(Buffer.from(bytes).toString(form).slice(0, 40))
        )
      ]
      return texts.filter((there) => forms.some((form) => there.includes(form))).length
    }
    assert.deepStrictEqual(new Uint8Array(check!), new Uint8Array(checkOf(storeKey)))
    assert.isAbove(hits(check!), 1, "what is kept of it is found")
    assert.deepStrictEqual([storeKey, root, wrapping!, address!].map(hits), [0, 0, 0, 0])
  }, 120_000)

  it("goes on in a node of one process, and back again", async () => {
    const [one] = nodes()
    for (const node of live) assert.strictEqual(await node.stop(), 0)
    const alone = await startNode({
      dataDir: one.dataDir,
      env: { ...env, VIVIM_DATABASE_URL: all.url, VIVIM_KEYS_DIR: path.join(path.dirname(one.dataDir), "keys") }
    })
    all.nodes.push(alone)
    token = await signedIn(alone)
    assert.strictEqual(await state(alone), "locked")
    assert.strictEqual((await unlock(alone)).status, 200)
    assert.strictEqual((await say(alone, "m9", "hojicha is roasted")).status, 200)
    await found(alone, "hojicha")
    assert.strictEqual(await alone.stop(), 0)
    const [first, second] = [await all.join(env), await all.join(env)]
    token = await signedIn(first)
    assert.strictEqual((await unlock(first)).status, 200)
    await found(second, "hojicha")
  }, 240_000)
})
