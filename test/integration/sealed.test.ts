/**
 * A conversation sealed by its owner's device, on a real node: what the node has of it from then on, and what nobody can do to it. Then
 * everything on its disk is looked through, and opened with every key the node ever had.
 */
import { layerWebSocketConstructor } from "@effect/platform-node/NodeSocket"
import * as Rewrapping from "@vivim/client/sealed/Rewrapping"
import { SealedFiles } from "@vivim/client/sealed/SealedFiles"
import type { Keyring } from "@vivim/client/sealed/SealedForm"
import * as Sealing from "@vivim/client/sealed/Sealing"
import { type Calls, VivimClient } from "@vivim/client/VivimClient"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as EventSeal from "@vivim/crypto/EventSeal"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import { DataKey, generationOf } from "@vivim/crypto/vault/DataKey"
import { DocumentId, MessageId, Tag } from "@vivim/event-schemas/ids"
import { BackupReader } from "@vivim/node/BackupReader"
import * as SealedSqlite from "@vivim/user-database/SealedSqlite"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"
import { canary, exported, hitsIn } from "./Canary.ts"
import { knock, until } from "./Company.ts"
import { said } from "./Said.ts"
import { keeper, ringOf } from "./Vault.ts"

const words = {
  title: canary("title"),
  text: canary("text"),
  file: canary("file"),
  tag: canary("tag"),
  later: canary("later")
}
const ada = keeper()
const folder = temporary("sealed")
const backup = path.join(folder, "node.backup")
const scope = Effect.runSync(Scope.make())
let node: NodeProcess
let output = ""
let calls: Calls
let ring: Keyring
let files: SealedFiles["Type"]
let documentId: DocumentId

const run = <A, E>(work: Effect.Effect<A, E, CryptoSuite | SealedFiles>): Promise<A> =>
  Effect.runPromise(
    work.pipe(Effect.provideService(SealedFiles, files), Effect.provide(NodeCryptoSuite.layer))
  )
const refusal = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E, CryptoSuite | SealedFiles>) =>
  run(Effect.map(Effect.flip(work), ({ _tag }) => _tag))
const masterKey = (generation: number) => ({
  generation,
  key: Redacted.make(crypto.getRandomValues(new Uint8Array(32)))
})
const read = () => run(Sealing.read(calls, ring, documentId))
const found = async (word: string): Promise<number> =>
  (await knock(node, "GET", `/search?query=${word}`)).body.hits.length
const events = async (type: string): Promise<ReadonlyArray<unknown>> =>
  (await node.vivim("events", "--type", type, "--json")).stdout.trim().split("\n").filter(Boolean)
const destroyed = (count: number) => until(() => events("vault.*"), ({ length }) => length === count, "it is shredded")
const summary = async () => (await knock(node, "GET", `/conversations/${documentId}`)).body?.summary

const connect = async () => {
  files = SealedFiles.make(
    node.origin,
    () => Effect.succeed([["authorization", `Bearer ${node.token()}`]])
  )
  const client = VivimClient.layer({
    url: `${node.origin.replace("http", "ws")}/rpc`,
    token: Redacted.make(node.token())
  }).pipe(Layer.provide(layerWebSocketConstructor))
  calls = Context.get(await Effect.runPromise(Layer.buildWithScope(client, scope)), VivimClient)
}

beforeAll(async () => {
  node = await startNode({
    dataDir: path.join(folder, "data"),
    env: { VIVIM_HANDLE: "ada", VIVIM_LOG_LEVEL: "debug" }
  })
  assert.strictEqual((await ada.enroll(node)).status, 200)
  assert.strictEqual((await ada.unlock(node)).status, 200)
  ring = { owner: (await knock(node, "GET", "/account")).body.userId, masterKeys: [masterKey(1)] }
  await connect()
  const sent = await fetch(`${node.origin}/api/v1/imports?name=export.zip`, {
    method: "POST",
    headers: { authorization: `Bearer ${node.token()}` },
    body: new Uint8Array(exported(words.title, words.text, words.file.repeat(200)))
  })
  assert.strictEqual(sent.status, 201)
  await until(() => found(words.text), (n) => n === 1, "it is imported")
  documentId = (await knock(node, "GET", `/search?query=${words.text}`)).body.hits[0].documentId
  assert.strictEqual((await knock(node, "POST", `/conversations/${documentId}/tags`, { tag: words.tag })).status, 200)
  await until(summary, ({ tags }) => tags.length === 1, "it has a tag")
}, 180_000)
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  await node?.kill()
})

describe("a conversation that is sealed", () => {
  it(
    "is as it was for its owner's device; the node has no title, no words, no search for it, and says so",
    async () => {
      const { nodes } = (await knock(node, "GET", `/conversations/${documentId}`)).body
      await run(Sealing.seal(calls, ring, documentId))
      await destroyed(1)
      await until(summary, ({ sealed }) => sealed !== null, "the list shows it sealed")
      assert.deepInclude(await summary(), { title: "", provider: "sealed", tags: [] })
      const all = [await found(words.text), await found(words.title), await found(words.tag), await found(words.file)]
      assert.deepStrictEqual(all, [0, 0, 0, 0])
      assert.strictEqual((await knock(node, "GET", `/search?query=${words.text}`)).body.sealed, 1)
      const ids = { ids: nodes.map(({ id }: any) => id) }
      const answers = [
        await knock(node, "POST", `/conversations/${documentId}/read`, ids),
        await knock(node, "GET", `/conversations/${documentId}/units`),
        await knock(node, "GET", `/conversations/${documentId}/head`)
      ]
      assert.deepStrictEqual(
        answers.map(({ body, status }) => [status, body._tag]),
        answers.map(() => [409, "DocumentSealed"])
      )
      const opened = await read()
      assert.deepStrictEqual([opened.head.title, opened.head.head.tags], [words.title, [Tag.make(words.tag)]])
      assert.deepStrictEqual(opened.nodes, nodes)
      assert.include(JSON.stringify([...opened.messages.values()]), words.text)
      const [file] = [...opened.files.keys()]
      assert.strictEqual(Buffer.from((await run(Sealing.readFile(opened, file!)))!).toString(), words.file.repeat(200))
      assert.strictEqual((await knock(node, "GET", `/content/${file}`)).status, 404, "as it was it is gone")
    },
    120_000
  )

  it("goes on sealed: a message, a title, a new master key; readable things it refuses", async () => {
    const { nodes } = await read()
    const message = { ...said("later", words.later, nodes.at(-1)!.id, 1_800_000_000_000) } as any
    await run(Sealing.append(calls, ring, documentId, message))
    await run(Sealing.relabel(calls, ring, documentId, { title: `${words.title} again` }))
    const opened = await until(read, ({ head }) => head.title.endsWith("again"), "it has another title")
    assert.strictEqual(opened.head.messages, nodes.filter(({ hidden }) => hidden === null).length + 1)
    assert.deepStrictEqual(opened.messages.get(MessageId.make("later")), message)
    const older = ring
    ring = { ...ring, masterKeys: [...ring.masterKeys, masterKey(2)] }
    assert.deepStrictEqual([await run(Rewrapping.rewrap(calls, ring)), await run(Rewrapping.rewrap(calls, ring))], [
      1,
      0
    ])
    await until(summary, ({ sealed }) => sealed.key.generation === 2, "its key is wrapped anew")
    assert.strictEqual(await refusal(Sealing.read(calls, older, documentId)), "SealBroken")
    ring = { ...ring, masterKeys: ring.masterKeys.slice(1) }
    assert.strictEqual((await read()).head.title, `${words.title} again`)
    const readable = [
      await knock(node, "POST", `/conversations/${documentId}/messages`, { documentId, message: said("x", "plain") }),
      await knock(node, "PATCH", `/conversations/${documentId}`, { title: "plain" }),
      await knock(node, "POST", `/conversations/${documentId}/tags`, { tag: "plain" })
    ]
    assert.deepStrictEqual(readable.map(({ body }) => body._tag), readable.map(() => "DocumentSealed"))
    const again = await fetch(`${node.origin}/api/v1/imports?name=again.zip`, {
      method: "POST",
      headers: { authorization: `Bearer ${node.token()}` },
      body: new Uint8Array(exported(words.title, `${words.text} and more`, "another"))
    })
    const { importId } = await again.json() as { importId: string }
    await until(
      async () => (await knock(node, "GET", `/imports/${importId}`)).body,
      ({ state }) => state !== "running",
      "the import ends"
    )
    const receipt = (await knock(node, "GET", `/imports/${importId}/receipt`)).body
    assert.include(JSON.stringify(receipt), "you sealed this conversation")
  }, 120_000)

  it("what was written after it was read is not lost: what was sealed of less is refused, and read anew", async () => {
    const start = { commandId: await run(CommandIds.next), documentId: DocumentId.make("race"), title: "Race" as any }
    await run(calls.StartConversation(start))
    await until(
      async () => (await knock(node, "GET", "/conversations/race")).status,
      (status) => status === 200,
      "there"
    )
    const late = Effect.runSync(Effect.once(calls.AppendMessage({
      commandId: await run(CommandIds.next),
      documentId: start.documentId,
      message: said("late", "a late word") as any
    })))
    const racing: Calls = {
      ...calls,
      // Between the reading and the sealing another device says something, once.
      SealConversation: ((asked: any) => Effect.zipRight(late, calls.SealConversation(asked))) as never
    }
    await run(Sealing.seal(racing, ring, start.documentId))
    const opened = await run(Sealing.read(calls, ring, start.documentId))
    assert.deepStrictEqual(opened.nodes.map(({ id }) => id), [MessageId.make("late")])
  }, 60_000)

  it("lies nowhere on the disk: not in the view opened with its key, not under any key the node had", async () => {
    await destroyed(2)
    assert.strictEqual((await node.vivim("backup", backup)).code, 0)
    for (const args of [["replay", "--compare"], ["audit"]]) {
      const ran = await node.vivim(...args)
      assert.strictEqual(ran.code, 0, ran.stdout + ran.stderr)
    }
    output += node.output()
    assert.strictEqual(await node.stop(), 0)
    const { later: _, ...before } = words
    assert.deepStrictEqual(hitsIn(folder, words, output), [])
    const records = new BackupReader().push(fs.readFileSync(backup)).map(({ record }) => record)
    const store = ringOf(ada.storeKey, records)
    const stream = `document/${documentId}`
    const stated = records.flatMap((record) =>
      record.kind === "event" && record.event.stream === stream ? [record.event] : []
    )
    const opened = stated.flatMap((event) => {
      const key = store.find(stream, generationOf(event.private))
      return key instanceof DataKey ? [key.open(EventSeal.context(event), event.private).toString("latin1")] : []
    })
    assert.isAtLeast(opened.length, 3, "what was sealed opens, to what was sealed")
    for (const word of Object.values(words)) assert.isFalse(opened.some((plain) => plain.includes(word)), word)
    const view = fs.readdirSync(path.join(folder, "data", "users"), { recursive: true, encoding: "utf8" })
      .find((name) => /library.*\.sqlite$/.test(name))!
    const raw = records.flatMap((record) =>
      record.kind === "key" && record.stream === "file/library"
        ? [(store.find(record.stream, record.generation) as DataKey).raw()]
        : []
    )
    const db = SealedSqlite.open(path.join(folder, "data", "users", view), raw)
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as ReadonlyArray<any>
    const rows = tables.map(({ name }) => db.prepare(`SELECT * FROM "${name}"`).all())
    db.close()
    const everything = JSON.stringify(
      rows,
      (_, value) => value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value
    )
    assert.include(everything, documentId)
    for (const word of Object.values(before)) assert.notInclude(everything, word)
    node = await node.again()
    assert.strictEqual((await ada.unlock(node)).status, 200)
    await connect()
  }, 180_000)

  it("is served again when its owner opens it, and can be read and searched as before", async () => {
    await run(Sealing.unseal(calls, ring, documentId))
    await until(() => found(words.text), (n) => n === 1, "it is found again")
    const now = await summary()
    assert.deepInclude(now, { title: `${words.title} again`, provider: "chatgpt", tags: [words.tag], sealed: null })
    const { nodes } = (await knock(node, "GET", `/conversations/${documentId}`)).body
    const messages = await knock(node, "POST", `/conversations/${documentId}/read`, {
      ids: nodes.map(({ id }: any) => id)
    })
    const content = messages.body.flatMap(({ blocks }: any) => blocks).find((block: any) => block.content)?.content
    const served = await fetch(`${node.origin}/api/v1/content/${content.hash}`, {
      headers: { authorization: `Bearer ${node.token()}` }
    })
    assert.strictEqual(await served.text(), words.file.repeat(200))
    assert.strictEqual(await refusal(Sealing.read(calls, ring, documentId)), "DocumentNotSealed")
  }, 120_000)
})
