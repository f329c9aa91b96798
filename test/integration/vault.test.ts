/** A user brings keys of their own to a real node, and takes them away again: what can be had meanwhile, and what cannot. */
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"
import { knock, until } from "./Company.ts"
import { said } from "./Said.ts"
import { keeper } from "./Vault.ts"

const ada = keeper()
const folder = temporary("vault")
let node: NodeProcess

const say = (documentId: string, id: string, text: string) =>
  knock(node, "POST", `/conversations/${documentId}/messages`, { documentId, message: said(id, text) })
const found = async (words: string): Promise<number> =>
  (await knock(node, "GET", `/search?query=${words}`)).body?.hits?.length ?? -1
const seen = (words: string) => until(() => found(words), (total) => total > 0, `${words} is found`)

beforeAll(async () => {
  node = await startNode({ dataDir: path.join(folder, "data"), env: { VIVIM_HANDLE: "ada" } })
}, 120_000)
// Stopped, not killed: its database goes with it.
afterAll(() => node?.stop())

describe("a vault on a node", () => {
  it("is brought once, unlocked by its own key alone, and locked", async () => {
    assert.strictEqual(await ada.state(node), "open")
    assert.strictEqual(
      (await knock(node, "POST", "/conversations", { documentId: "before", title: "Before" })).status,
      200
    )
    assert.deepInclude(await ada.enroll(node), { status: 200, body: { state: "locked" } })
    assert.deepInclude(await ada.enroll(node), { status: 200, body: { state: "locked" } })
    assert.strictEqual((await keeper().enroll(node)).body._tag, "VaultTaken")
    assert.strictEqual((await ada.unlock(node, randomBytes(32))).body._tag, "WrongStoreKey")
    assert.deepInclude(await ada.unlock(node), { status: 200, body: { state: "unlocked" } })
    assert.strictEqual((await knock(node, "POST", "/conversations", { documentId: "d1", title: "Tea" })).status, 200)
    assert.strictEqual((await say("d1", "m1", "gyokuro steeps at sixty degrees")).status, 200)
    await seen("gyokuro")
    await until(async () => (await knock(node, "GET", "/conversations")).body?.total, (total) => total === 2, "both")
  })

  it("locked, refuses what is its owner's alone, and is no fault of the node", async () => {
    assert.deepInclude(await ada.lock(node), { status: 200, body: { state: "locked" } })
    const refused = await Promise.all([
      say("d1", "m2", "more"),
      knock(node, "PATCH", "/conversations/d1", { documentId: "d1", title: "Other" }),
      knock(node, "PATCH", "/conversations/before", { documentId: "before", title: "Other" }),
      knock(node, "GET", "/conversations"),
      knock(node, "GET", "/conversations/d1"),
      knock(node, "GET", "/search?query=gyokuro")
    ])
    assert.deepStrictEqual(
      refused.map(({ body, status }) => [status, body._tag]),
      refused.map(() => [423, "VaultLocked"])
    )
    assert.strictEqual((await fetch(`${node.origin}/readyz`)).status, 200)
    const doctor = await node.vivim("doctor")
    assert.strictEqual(doctor.code, 0, doctor.stdout)
    assert.strictEqual((await node.vivim("quarantine")).code, 0)
    // What is in the trash is the registry's, and needs no key.
    assert.strictEqual((await knock(node, "GET", "/trash")).status, 200)
  })

  it("holds nobody else up meanwhile, and everything is there after the next unlocking", async () => {
    assert.strictEqual((await knock(node, "POST", "/circles", { circleId: "c1", name: "Bo's" }, "ada")).status, 423)
    assert.strictEqual((await ada.unlock(node)).status, 200)
    assert.strictEqual((await say("d1", "m3", "sencha likes it hotter")).status, 200)
    await seen("sencha")
    assert.strictEqual(await found("gyokuro"), 1)
  })

  it("is locked when the node starts again; the views wait, and catch up when it is unlocked", async () => {
    assert.strictEqual((await say("d1", "m4", "bancha forgives everything")).status, 200)
    await node.kill()
    node = await node.again()
    assert.strictEqual(await ada.state(node), "locked")
    assert.strictEqual((await knock(node, "GET", "/conversations")).status, 423)
    assert.strictEqual((await fetch(`${node.origin}/readyz`)).status, 200)
    assert.strictEqual((await ada.unlock(node)).status, 200)
    await seen("bancha")
    // Twice: each has files of its own, sealed with a key of its own.
    for (const compared of [await node.vivim("replay", "--compare"), await node.vivim("replay", "--compare")]) {
      assert.strictEqual(compared.code, 0, compared.stdout + compared.stderr)
    }
    assert.deepStrictEqual(fs.readdirSync(path.join(node.dataDir, "scratch")), [])
    const audit = await node.vivim("audit")
    assert.strictEqual(audit.code, 0, audit.stdout)
  })

  it("leaves no file open to who has the disk", async () => {
    assert.strictEqual((await ada.lock(node)).status, 200)
    const users = fs.readdirSync(path.join(node.dataDir, "users"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.includes(".sqlite"))
    assert.isNotEmpty(users)
    for (const name of users) {
      const bytes = fs.readFileSync(path.join(node.dataDir, "users", name))
      assert.isFalse(bytes.includes("SQLite format 3"), name)
      assert.isFalse(bytes.includes("gyokuro"), name)
    }
  })
})
