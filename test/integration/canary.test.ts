/**
 * Unique words through every way into a node, of who has a vault; then everything the node has on its disk is looked through for
 * them: while the vault is locked, and again when they were deleted, with the store key in hand.
 */
import { DataKey, generationOf } from "@vivim/crypto/vault/DataKey"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"
import { canary, exported, hitsIn } from "./Canary.ts"
import { knock, until } from "./Company.ts"
import { said } from "./Said.ts"
import { keeper, ringOf } from "./Vault.ts"

const words = {
  message: canary("message"),
  deleted: canary("deleted"),
  title: canary("title"),
  tag: canary("tag"),
  circle: canary("circle"),
  profile: canary("profile"),
  attachment: canary("attachment"),
  imported: canary("imported"),
  importTitle: canary("importtitle"),
  file: canary("file"),
  cutOff: canary("cutoff"),
  trash: canary("trash")
}
const ada = keeper()
const folder = temporary("canary")
const dataDir = path.join(folder, "data")
const backup = path.join(folder, "node.backup")
let node: NodeProcess
let output = ""

const message = (id: string, text: string, parent: string | null = null) => said(id, text, parent, 1_700_000_000_000)
const post = async (at: string, body: object) => {
  const answer = await knock(node, "POST", at, body)
  assert.strictEqual(answer.status, 200, JSON.stringify(answer.body))
}

const bring = async (name: string, bytes: Uint8Array): Promise<string> => {
  // An upload is not sent again on another line: the one it goes out on must not be one the node has let go meanwhile.
  await until(() => ada.state(node), (state) => state === "unlocked", "the node answers")
  const sent = await fetch(`${node.origin}/api/v1/imports?name=${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${node.token()}` },
    body: bytes
  })
  return (await sent.json() as { importId: string }).importId
}

/** Where on the disk any of the words lies. */
const hits = (given: Readonly<Record<string, string>>) => hitsIn(folder, given, output)

beforeAll(async () => {
  node = await startNode({ dataDir, env: { VIVIM_HANDLE: "ada", VIVIM_LOG_LEVEL: "debug" } })
  assert.strictEqual((await ada.enroll(node)).status, 200)
  assert.strictEqual((await ada.unlock(node)).status, 200)
}, 180_000)
afterAll(() => node?.kill())

describe("what a vault's owner says", () => {
  it("lies nowhere on the disk, whichever way it came in, while the vault is locked", async () => {
    await post("/conversations", { documentId: "d1", title: words.title })
    await post("/conversations/d1/messages", { documentId: "d1", message: message("m1", words.message) })
    await post("/conversations/d1/messages", { documentId: "d1", message: message("m2", words.deleted, "m1") })
    // Enough for a snapshot.
    for (let n = 3; n < 130; n++) {
      await post("/conversations/d1/messages", {
        documentId: "d1",
        message: message(`m${n}`, `${words.message} ${n}`, `m${n - 1}`)
      })
    }
    await post("/conversations/d1/tags", { tag: words.tag })
    await post("/conversations", { documentId: "d2", title: words.trash })
    await post("/conversations/d2/trash", { documentId: "d2" })
    await post("/circles", { circleId: "c1", name: words.circle })
    const { userId } = (await knock(node, "GET", "/account")).body
    assert.strictEqual(
      (await knock(node, "PATCH", `/users/${userId}/profile`, { displayName: words.profile, bio: words.profile }))
        .status,
      200
    )
    const importId = await bring(
      `${words.file}.zip`,
      exported(words.importTitle, words.imported, words.attachment.repeat(200))
    )
    const ended = await until(
      async () => (await knock(node, "GET", `/imports/${importId}`)).body,
      (now) => now?.state !== "running",
      "the import ends"
    )
    assert.strictEqual(ended.state, "imported", JSON.stringify(ended))
    await until(
      async () => (await knock(node, "GET", `/search?query=${words.imported}`)).body?.hits?.length,
      (n) => n === 1,
      "found"
    )
    assert.strictEqual((await node.vivim("backup", backup)).code, 0)

    // One that is cut off: the node is killed while the file lies in the spool.
    const { writeExport } = await import("../bench/GenerateExport.ts")
    const large = path.join(temporary("large"), "conversations.json")
    writeExport(large, { conversations: 2_000, seed: 3 })
    const text = fs.readFileSync(large, "utf8").replace(/"title": ?"[^"]*"/, `"title":"${words.cutOff}"`)
    assert.include(text, words.cutOff)
    await bring("large.json", Buffer.from(text))
    assert.isNotEmpty(fs.readdirSync(path.join(dataDir, "spool")))
    output += node.output()
    await node.kill()
    assert.isNotEmpty(fs.readdirSync(path.join(dataDir, "spool")), "it was cut off")
    assert.deepStrictEqual(hits(words), [])

    // The scan finds what is in the open: who has no vault is sealed by the node, and what routes lies open.
    assert.isNotEmpty(hits({ routing: userId }))
  }, 180_000)

  it("goes on where it was cut off when the vault is unlocked; locked again, it still lies nowhere", async () => {
    node = await node.again()
    assert.strictEqual((await ada.unlock(node)).status, 200)
    await until(
      async () => (await knock(node, "GET", "/imports")).body,
      (all) => Array.isArray(all) && all.every(({ state }: any) => state === "imported") && all.length === 2,
      "both imports have ended"
    )
    assert.deepStrictEqual(fs.readdirSync(path.join(dataDir, "spool")), [])
    assert.strictEqual((await ada.lock(node)).status, 200)
    assert.deepStrictEqual(hits(words), [])
  }, 180_000)

  it("deleted, is opened by nobody: not with the store key, the node's key and every row", async () => {
    assert.strictEqual((await ada.unlock(node)).status, 200)
    assert.strictEqual((await knock(node, "DELETE", "/conversations/d1/messages/m2", {})).status, 200)
    await until(
      async () =>
        (await node.vivim("events", "--type", "vault.*", "--json")).stdout.trim().split("\n").filter(Boolean).length,
      (n) => n === 1,
      "it is shredded"
    )
    const kept = path.join(folder, "after.backup")
    assert.strictEqual((await node.vivim("backup", kept)).code, 0)
    output += node.output()
    assert.strictEqual(await node.stop(), 0)
    assert.deepStrictEqual(hits(words), [])
    // With everything a thief of the disk and of the store key would have: every event of the stream, every key there is.
    const { BackupReader } = await import("@vivim/node/BackupReader")
    const reader = new BackupReader()
    const records = reader.push(fs.readFileSync(kept)).map(({ record }) => record)
    const ring = ringOf(ada.storeKey, records)
    const { context } = await import("@vivim/crypto/EventSeal")
    const events = records.flatMap((record) =>
      record.kind === "event" && record.event.stream === "document/d1" ? [record.event] : []
    )
    const opened = events.flatMap((event) => {
      const key = ring.find("document/d1", generationOf(event.private))
      return key instanceof DataKey ? [key.open(context(event), event.private).toString("latin1")] : []
    })
    assert.isAbove(events.length, opened.length + 100, "what came before the deletion opens no more")
    assert.isTrue(opened.some((plain) => plain.includes(words.message)), "what stays opens")
    assert.isFalse(opened.some((plain) => plain.includes(words.deleted)))
  }, 180_000)
})
