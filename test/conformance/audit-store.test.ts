/** The laws of the audit store over both implementations, and what PostgreSQL alone can promise. */
import { AuditStore } from "@vivim/audit/AuditStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { assert, describe, it } from "vitest"
import { auditStoreLaws } from "./AuditStoreLaws.ts"
import { onServer as storeOn } from "./AuditWorld.ts"
import { noServer } from "./ServerPostgres.ts"
import { onServer, operator, type Url } from "./StoresOnServer.ts"

const inMemory = Effect.map(Layer.build(AuditStore.layerMemory), Context.get(AuditStore))
const openOn = (url: Url) => Effect.map(Layer.build(storeOn(url)), Context.get(AuditStore))

describe("the audit store in memory", () => {
  for (const { holds, title } of auditStoreLaws) {
    it(title, () => Effect.runPromise(Effect.scoped(Effect.flatMap(inMemory, holds))))
  }
})

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the audit store on PostgreSQL", () => {
  const test = onServer()
  for (const { holds, title } of auditStoreLaws) {
    test(title, (url) => Effect.flatMap(openOn(url), holds))
  }

  test("A4 is the same log for every process, and another one in every database", (url) =>
    Effect.gen(function*() {
      const stores = yield* Effect.all([openOn(url), openOn(url), openOn(url)], { concurrency: "unbounded" })
      assert.lengthOf(new Set(stores.map(({ id }) => id)), 1)
      assert.notStrictEqual((yield* inMemory).id, stores[0]!.id)
    }))

  test("Q1 what is full or signed can be neither changed nor removed by a slip", (url) =>
    Effect.gen(function*() {
      const store = yield* openOn(url)
      yield* store.grow(
        0,
        257,
        [0, 1].map((index) => ({
          level: 0,
          index,
          hashes: new Uint8Array((index === 0 ? 256 : 1) * 32)
        }))
      )
      yield* store.keepHead({ number: 1, size: 257, root: new Uint8Array(32), at: 1, note: "x" })
      const session = yield* operator(url)
      for (
        const text of [
          "update audit_tile set hashes = '\\x' where index = 0",
          "delete from audit_tile",
          "truncate audit_tile",
          "update audit_head set note = 'y'",
          "delete from audit_head",
          "truncate audit_head"
        ]
      ) {
        assert.include((yield* Effect.flip(session.ask({ text }))).message, "the audit trail only grows", text)
      }
      yield* openOn(url)
      assert.strictEqual(yield* store.size, 257)
    }))
})
