/** The views of the master registry, as their rooms declare them: fed by real actors, asked through the real doors. */
import * as Headers from "@effect/platform/Headers"
import * as RpcClient from "@effect/rpc/RpcClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { Handle } from "@vivim/event-schemas/ids"
import * as ImportView from "@vivim/import/ImportView"
import * as Views from "@vivim/projection/Views"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { noServer, serverPostgres } from "./ServerPostgres.ts"

import { ada, bo, cy } from "./Lanterns.ts"
import { circle, document, doors, type Ground, ground, peer, sees, tell, user, views } from "./RegistryDoors.ts"

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the views of the registry", () => {
  const scope = Effect.runSync(Scope.make())
  let runtime: ManagedRuntime.ManagedRuntime<Ground, unknown>
  beforeAll(() =>
    Effect.gen(function*() {
      const server = yield* serverPostgres
      const url = yield* server.newDatabase
      runtime = ManagedRuntime.make(ground(url) as Layer.Layer<Ground, unknown>)
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(async () => {
    await runtime.dispose()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  const test = (title: string, work: Effect.Effect<void, any, Ground | Scope.Scope>) =>
    it(title, () => runtime.runPromise(Effect.scoped(work)))

  test(
    "an account is seen in full by its user, by name alone by others, and by nobody when it is gone",
    Effect.gen(function*() {
      const node = yield* doors
      const stranger = yield* Effect.flip(sees(ada, node.WatchAccount({})))
      assert.strictEqual(stranger._tag, "NoSuchUser")
      yield* user(ada, "RegisterUser", { handle: "ada", displayName: "Ada S\u00ebcret" })
      yield* user(bo, "RegisterUser", { handle: "bo", displayName: "Bo" })
      yield* user(ada, "AddDevice", { deviceId: "phone", name: "S\u00ebcret phone" })
      yield* user(ada, "AddDevice", { deviceId: "laptop", name: "Laptop" })
      yield* user(ada, "RevokeDevice", { deviceId: "phone" })
      const account = yield* sees(ada, node.WatchAccount({}))
      assert.deepInclude(account, { userId: ada, handle: "ada" as Handle, displayName: "Ada S\u00ebcret", bio: "" })
      assert.deepStrictEqual(
        account.devices.map(({ deviceId, name, revokedAt }) => [deviceId, name, revokedAt === null]),
        [
          ["phone" as never, "S\u00ebcret phone", false],
          ["laptop" as never, "Laptop", true]
        ]
      )
      yield* user(ada, "ChangeProfile", { displayName: "Countess", bio: "S\u00ebcret engines" })
      assert.deepInclude(yield* sees(ada, node.WatchAccount({})), {
        displayName: "Countess",
        bio: "S\u00ebcret engines"
      })
      assert.deepStrictEqual((yield* sees(cy, node.WatchUsers({}))).map(({ handle }) => String(handle)), ["ada", "bo"])
      yield* user(bo, "DeleteUser")
      assert.deepStrictEqual((yield* sees(cy, node.WatchUsers({}))).map(({ handle }) => String(handle)), ["ada"])
      assert.strictEqual((yield* Effect.flip(sees(bo, node.WatchAccount({}))))._tag, "NoSuchUser")
    })
  )

  test(
    "a circle is seen by those who are in it, as long as they are",
    Effect.gen(function*() {
      const node = yield* doors
      yield* circle(ada, "CreateCircle", { name: "S\u00ebcret lanterns" })
      yield* circle(ada, "AddMember", { member: bo })
      const seen = yield* sees(bo, node.WatchCircle({ circleId: "c1" as never }))
      assert.deepInclude(seen, { name: "S\u00ebcret lanterns", founder: ada, members: [ada, bo], archivedAt: null })
      assert.strictEqual(
        (yield* Effect.flip(sees(cy, node.WatchCircle({ circleId: "c1" as never }))))._tag,
        "NoSuchCircle"
      )
      assert.deepStrictEqual(yield* sees(cy, node.WatchCircles({})), [])

      const heard = yield* Queue.unbounded<string>()
      const listening = yield* Effect.fork(RpcClient.withHeaders(
        Stream.runForEach(
          node.WatchCircles({}),
          (circles) => Queue.offer(heard, circles.map(({ name }) => name).join())
        ),
        Headers.fromInput({ by: bo })
      ))
      assert.strictEqual(yield* Queue.take(heard), "S\u00ebcret lanterns")
      yield* circle(bo, "RenameCircle", { name: "Tea" })
      assert.strictEqual(yield* Queue.take(heard), "Tea")
      yield* circle(ada, "RemoveMember", { member: bo })
      assert.strictEqual(yield* Queue.take(heard), "")
      yield* Fiber.interrupt(listening)
      yield* circle(ada, "ArchiveCircle")
      assert.isNumber((yield* sees(ada, node.WatchCircle({ circleId: "c1" as never }))).archivedAt)
    })
  )

  test(
    "a node that was met is shown as it was last seen, with what was said of it",
    Effect.gen(function*() {
      const node = yield* doors
      yield* peer("SeePeer", { addresses: ["https://one.example"] })
      yield* peer("DescribePeer", { name: "Kyoto", note: "S\u00ebcret: by the river" })
      yield* peer("BlockPeer", { reason: "S\u00ebcret noise" })
      yield* peer("SeePeer", { addresses: ["https://two.example", "/ip4/192.0.2.1/tcp/1"] })
      const [met] = yield* sees(ada, node.WatchPeers({}))
      assert.deepInclude(met, {
        name: "Kyoto",
        note: "S\u00ebcret: by the river",
        addresses: ["https://two.example", "/ip4/192.0.2.1/tcp/1"],
        blocked: true
      })
      assert.isTrue(met!.lastSeenAt >= met!.firstSeenAt && met!.firstSeenAt > 0)
      yield* peer("UnblockPeer")
      assert.isFalse((yield* sees(ada, node.WatchPeers({})))[0]!.blocked)
    })
  )

  test(
    "a content record says whose it is and where it stands, never what it says",
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const record = Effect.map(
        sql<{ owner: string; state: string; provider: string; first_position: string; last_position: string }>`
          SELECT * FROM registry.content_record WHERE document_id = 'd1'`,
        ([row]) => row!
      )
      const { position } = yield* document("StartConversation", { title: "S\u00ebcret tea" })
      assert.deepInclude(yield* record, {
        owner: ada,
        state: "open",
        provider: "vivim",
        first_position: String(position)
      })
      const message = {
        id: "m1",
        parent: null,
        role: "user",
        author: null,
        model: null,
        at: null,
        hidden: null,
        hash: "a".repeat(64)
      }
      const said = yield* document("AppendMessage", {
        message: { ...message, blocks: [{ _tag: "Text", text: "S\u00ebcret words", citations: [] }] }
      })
      assert.deepInclude(yield* record, { first_position: String(position), last_position: String(said.position) })
      for (
        const [tag, state] of [["ArchiveConversation", "archived"], ["UnarchiveConversation", "open"], [
          "DeleteConversation",
          "deleted"
        ]]
      ) {
        yield* document(tag!)
        assert.strictEqual((yield* record).state, state)
      }
    })
  )

  test(
    "imports are seen by their owner, newest first, with their sums when they have ended",
    Effect.gen(function*() {
      const nodes = { found: 4, kept: 3, hidden: 1, merged: 0, quarantined: 0 }
      const counts = { conversations: { found: 1, imported: 1, merged: 0, empty: 0, quarantined: 0 }, nodes }
      const receipt = { hash: "c".repeat(64), bytes: 9, mime: "application/json" }
      for (const importId of ["i1", "i2"]) {
        yield* tell("import", importId, ada, "StartImport", {
          importId,
          name: `S\u00ebcret ${importId}.zip`,
          bytes: 12
        })
      }
      const end = { importId: "i1", outcome: "imported", receipt, format: "chatgpt", counts, refusal: null }
      yield* tell("import", "i1", ada, "FinishImport", end)
      const [second, first] = yield* ImportView.statuses(ada, null)
      assert.deepInclude(second, {
        name: "S\u00ebcret i2.zip",
        state: "running",
        counts: ImportView.noCounts,
        finishedAt: null
      })
      assert.deepInclude(first, {
        name: "S\u00ebcret i1.zip",
        state: "imported",
        format: "chatgpt",
        counts,
        refusal: null
      })
      assert.deepStrictEqual(first!.bytes, { read: 12, total: 12 })
      assert.deepStrictEqual((yield* ImportView.statuses(ada, "i2" as never)).map(({ importId }) => String(importId)), [
        "i2"
      ])
      assert.deepStrictEqual(yield* ImportView.statuses(bo, "i1" as never), [])
      assert.strictEqual(yield* ImportView.receiptHash(ada, "i1" as never), receipt.hash)
      assert.isNull(yield* ImportView.receiptHash(bo, "i1" as never))
    })
  )

  test(
    "nothing private lies in the registry, and a rebuild gives the same rows",
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const tables = yield* sql<{ at: string }>`
        SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS at FROM pg_tables WHERE schemaname LIKE 'registry_%'`
      const texts = yield* Effect.forEach(
        tables,
        ({ at }) =>
          Effect.map(
            sql.unsafe<{ row: string }>(`SELECT t::text AS row FROM ${at} t`),
            (rows) => rows.map(({ row }) => row)
          )
      )
      assert.isAtLeast(texts.flat().length, 6)
      assert.isTrue(texts.flat().some((row) => row.includes(ada)), "the scan finds what is there")
      for (const word of ["S\u00ebcret", "Tea", "Countess", "Kyoto"]) {
        assert.isEmpty(texts.flat().filter((row) => row.includes(word)))
      }
      const compared = yield* Effect.flatMap(Views.Views, (all) => all.compare(() => Effect.void))
      assert.deepStrictEqual(
        compared.map(({ differences, view }) => [view, differences]),
        views.map(({ name }) => [name, []])
      )
    })
  )
})
