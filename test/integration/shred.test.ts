/** Deleting a message, a conversation, an account of who has a vault, on a real node: what can be opened afterwards, by anybody. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"
import { knock, until } from "./Company.ts"
import { said } from "./Said.ts"
import { keeper } from "./Vault.ts"

const ada = keeper()
const folder = temporary("shred")
let node: NodeProcess

const say = (documentId: string, id: string, text: string, parent: string | null = null) =>
  knock(node, "POST", `/conversations/${documentId}/messages`, {
    documentId,
    message: said(id, text, parent, 1_700_000_000_000)
  })
const found = async (words: string): Promise<number> =>
  (await knock(node, "GET", `/search?query=${words}`)).body?.hits?.length ?? -1
const eventsOf = async (type: string) =>
  (await node.vivim("events", "--type", type, "--json")).stdout.trim().split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line))
const destroyed = (count: number) =>
  until(() => eventsOf("vault.*"), (events) => events.length === count, `${count} streams are shredded`)
const sound = async () => {
  for (const args of [["replay", "--compare"], ["audit"], ["doctor"]]) {
    const ran = await node.vivim(...args)
    assert.strictEqual(ran.code, 0, ran.stdout + ran.stderr)
  }
  assert.include((await node.vivim("quarantine")).stdout, "No actor")
}

beforeAll(async () => {
  node = await startNode({ dataDir: path.join(folder, "data"), env: { VIVIM_HANDLE: "ada" } })
  assert.strictEqual((await ada.enroll(node)).status, 200)
  assert.strictEqual((await ada.unlock(node)).status, 200)
}, 120_000)
// Stopped, not killed: its database goes with it.
afterAll(() => node?.stop())

describe("what is deleted", () => {
  it("a message: nothing of it opens, all else stands, in the serving views as in a replay", async () => {
    for (const [documentId, title] of [["d1", "Tea"], ["d2", "Coffee"]] as const) {
      assert.strictEqual((await knock(node, "POST", "/conversations", { documentId, title })).status, 200)
    }
    await say("d1", "m1", "gyokuro at sixty degrees")
    await say("d1", "m2", "marmalade was a mistake", "m1")
    await say("d1", "m3", "sencha at eighty degrees", "m2")
    await say("d2", "k1", "espresso all day")
    await knock(node, "POST", "/conversations/d1/tags", { tag: "leaf" })
    await until(() => found("marmalade"), (n) => n === 1, "it is found")
    assert.strictEqual((await knock(node, "DELETE", "/conversations/d1/messages/m9", {})).body._tag, "NoSuchMessage")
    assert.strictEqual((await node.vivim("message", "delete", "d1", "m9")).code, 2)
    assert.strictEqual((await node.vivim("message", "delete", "d1", "m2")).code, 0)
    await destroyed(1)
    await until(() => found("marmalade"), (n) => n === 0, "it is found no more")
    assert.deepStrictEqual([await found("gyokuro"), await found("sencha"), await found("espresso")], [1, 1, 1])
    const outline = (await knock(node, "GET", "/conversations/d1")).body
    assert.deepStrictEqual(outline.nodes.map(({ id, parent }: any) => [id, parent]), [["m1", null], ["m3", "m1"]])
    assert.deepStrictEqual([outline.summary.title, outline.summary.tags], ["Tea", ["leaf"]])
    await sound()
    // It goes on: the actor folds past what is gone.
    assert.strictEqual((await say("d1", "m4", "bancha forgives", "m3")).status, 200)
    await node.stop()
    node = await node.again()
    assert.strictEqual((await ada.unlock(node)).status, 200)
    assert.strictEqual((await say("d1", "m5", "hojicha is roasted", "m4")).status, 200)
    assert.strictEqual((await say("d1", "m1", "twice")).body._tag, "MessageTaken")
    await until(() => found("hojicha"), (n) => n === 1, "it goes on")
    await sound()
  })

  it("a conversation: its stream opens no more, and its actor knows that it is gone", async () => {
    assert.strictEqual((await knock(node, "DELETE", "/conversations/d2", {})).status, 200)
    await destroyed(2)
    await until(() => found("espresso"), (n) => n === 0, "it is found no more")
    assert.strictEqual((await say("d2", "k2", "again")).body._tag, "DocumentDeleted")
    await node.stop()
    node = await node.again()
    assert.strictEqual((await ada.unlock(node)).status, 200)
    assert.strictEqual((await say("d2", "k3", "again")).body._tag, "DocumentDeleted")
    await sound()
  })

  it("an account: no key of it is left", async () => {
    const { userId } = (await knock(node, "GET", "/account")).body
    assert.match(userId, /^did:key:/)
    const deleted = await knock(node, "DELETE", `/users/${userId}`, {})
    assert.strictEqual(deleted.status, 200, JSON.stringify(deleted.body))
    await destroyed(3)
    assert.strictEqual((await ada.unlock(node)).body._tag, "WrongStoreKey")
    await until(
      async () => fs.readdirSync(path.join(node.dataDir, "users"), { recursive: true, encoding: "utf8" }),
      (names) => !names.some((name) => name.includes(".sqlite")),
      "no file of theirs is left"
    )
    await sound()
  })
})
