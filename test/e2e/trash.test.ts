/** The trash of a real node: put there, restored, and emptied in time, also when the node was killed meanwhile. */
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { call, type NodeProcess, startNode, until } from "./NodeProcess.ts"

const file = path.resolve(import.meta.dirname, "../fixtures/exports/chatgpt/chatgpt-export-2026-split.zip")

describe("the trash", () => {
  let node: NodeProcess
  let ids: ReadonlyArray<string>
  beforeAll(async () => {
    node = await startNode()
    assert.strictEqual((await node.vivim("import", file)).code, 0)
    ids = (await call(node, "GET", "/conversations")).body.items
      .filter(({ archived }: any) => !archived).map(({ documentId }: any) => documentId)
    assert.isAtLeast(ids.length, 4)
  })
  afterAll(() => node.stop())

  const trash = async () => (await call(node, "GET", "/trash")).body.map(({ documentId }: any) => documentId)
  const stands = async (id: string) => (await call(node, "GET", `/conversations/${id}`)).status
  const seen = async (id: string) =>
    (await call(node, "GET", "/conversations?archived=false")).body.items.some(({ documentId }: any) =>
      documentId === id
    )
  const deletions = async (id: string) =>
    (await call(node, "GET", `/events?stream=document/${id}&types=document.ConversationDeleted`)).body
  const timers = async () =>
    Number(
      /^vivim_process_timers\{process="trash"\} (\d+)$/m.exec(
        await (await fetch(`${node.origin}/metrics`)).text()
      )![1]
    )

  it("takes a conversation out of sight and gives it back as it was", async () => {
    const id = ids[0]!
    const put = await node.vivim("trash", "put", id, "--keep", "7 days")
    assert.strictEqual(put.code, 0, put.stderr)
    await until(trash, (all) => all.includes(id), "it is in the trash")
    await until(() => seen(id), (is) => !is, "it is out of sight")
    const listed = JSON.parse((await node.vivim("trash", "--json")).stdout)
    assert.closeTo(listed[0].purgeAt - listed[0].trashedAt, 7 * 86_400_000, 1)
    await until(timers, (count) => count === 1, "its timer is set")
    assert.strictEqual((await call(node, "POST", `/conversations/${id}/purge`, {})).body._tag, "InTrash")
    assert.strictEqual((await call(node, "DELETE", `/conversations/${id}/archive`, {})).body._tag, "InTrash")
    assert.strictEqual((await node.vivim("trash", "put", id)).code, 2)
    const back = await node.vivim("trash", "restore", id)
    assert.strictEqual(back.code, 0, back.stderr)
    await until(() => seen(id), (is) => is, "it is back")
    await until(timers, (count) => count === 0, "its timer is gone")
    assert.deepStrictEqual(await trash(), [])
    assert.strictEqual((await node.vivim("trash", "restore", id)).code, 2)
    assert.strictEqual((await node.vivim("trash", "put", "nothing-there")).code, 2)
    assert.strictEqual((await node.vivim("trash", "put", id, "--keep", "a while")).code, 2)
  })

  it("is emptied in time while the node runs", async () => {
    const id = ids[1]!
    assert.strictEqual((await call(node, "POST", `/conversations/${id}/trash`, { keepMs: 1_000 })).status, 200)
    await until(() => stands(id), (status) => status === 404, "it is gone")
    const [deleted, ...more] = await deletions(id)
    assert.isEmpty(more)
    const account = (await call(node, "GET", "/account")).body
    assert.strictEqual(deleted.by, account.userId, "in the name of its owner")
    assert.isTrue(deleted.id === deleted.commandId)
    const [put] = (await call(node, "GET", `/events?stream=document/${id}&types=document.ConversationTrashed`)).body
    assert.deepStrictEqual([deleted.causationId, deleted.correlationId], [put.id, put.commandId], "because of that")
    await until(trash, (all) => all.length === 0, "the trash is empty")
  })

  it("is emptied of what came due while the node was dead, and keeps what is not due", async () => {
    const [due, kept] = [ids[2]!, ids[3]!]
    const { body: receipt } = await call(node, "POST", `/conversations/${due}/trash`, { keepMs: 300 })
    assert.isNumber(receipt.position)
    assert.strictEqual((await call(node, "POST", `/conversations/${kept}/trash`, {})).status, 200)
    await node.kill()
    node = await node.again()
    await until(() => stands(due), (status) => status === 404, "it is gone")
    assert.strictEqual((await deletions(due)).length, 1)
    await until(trash, (all) => all.join() === kept, "the other is still there")
    assert.strictEqual(await stands(kept), 200)
    await node.kill()
    node = await node.again()
    assert.deepStrictEqual(await trash(), [kept])
    assert.strictEqual(await timers(), 1)
    assert.strictEqual((await deletions(due)).length, 1)
  })

  it("is told of by the operator's commands", async () => {
    const listed = await node.vivim("processes")
    assert.match(listed.stdout, /^running +trash +v1 +0 events behind, 0 under way, 1 timers/m)
    const { checks } = JSON.parse((await node.vivim("doctor", "--json")).stdout)
    assert.deepInclude(checks.find(({ check }: any) => check === "process trash"), { state: "ok" })
    assert.strictEqual((await node.vivim("processes", "retry", "trash", "nothing")).code, 2)
    assert.deepStrictEqual((await call(node, "GET", "/processes")).body.stuck, [])
    assert.strictEqual((await call(node, "GET", "/processes/nobody/refusals")).status, 404)
    const compared = JSON.parse((await node.vivim("replay", "--compare", "--json")).stdout)
    assert.deepInclude(compared.views.find(({ view }: any) => view === "trash"), { rows: 1, equal: true })
  })
})
