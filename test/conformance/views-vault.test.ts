/** Views of users whose keys come and go, on real PostgreSQL and in real, sealed files. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Report } from "@vivim/projection/Progress"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cups, cupsView, filesOf, madeBy } from "./Cups.ts"
import { noServer, serverPostgres } from "./ServerPostgres.ts"
import { ada, vaulted } from "./Vaulted.ts"
import { eventually, world } from "./ViewWorld.ts"

const bo = "did:key:zBo"
const silent: Report = () => Effect.void

describe.skipIf(noServer !== null)("views of users with vaults", () => {
  const scope = Effect.runSync(Scope.make())
  let sql: SqlClient.SqlClient
  beforeAll(() =>
    Effect.gen(function*() {
      const { newDatabase } = yield* serverPostgres
      const url = yield* newDatabase
      sql = Context.get(yield* Layer.build(PgClient.layer({ url, maxConnections: 6 })), SqlClient.SqlClient)
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const onVault = (holds: (given: any) => Effect.Effect<void, any, any>) =>
    Effect.gen(function*() {
      const keys = yield* vaulted
      const files = yield* filesOf(yield* world(sql, keys.cipher), undefined, keys.keys)
      yield* holds({ ...keys, ...files })
    }).pipe(Effect.scoped, (work) => Effect.runPromise(work as Effect.Effect<void>))
  const ailing = ({ views }: any) =>
    Effect.map(views.status as Effect.Effect<any>, ([{ ailing }]) => ailing.get(ada)?.state)
  /** Both users, and a node at work. */
  const both = ({ register, start }: any) =>
    Effect.zipRight(
      Effect.all([register(ada), register(bo)] as Array<Effect.Effect<void>>),
      start() as Effect.Effect<any>
    )
  const read = ({ files }: any, did: string) => files.read(did, cupsView(), cups) as Effect.Effect<object, any>

  it("V5 a user who is not here waits, alone, across restarts, and catches up when the keys come", () =>
    onVault(({ lock, pour, register, start, unlock }) =>
      Effect.gen(function*() {
        const node = yield* both({ register, start })
        yield* node.views.waitFor(yield* pour(ada, "first"), ada)
        // Stated while its owner was here, and taken in when they were not any more.
        yield* lock
        assert.strictEqual((yield* Effect.flip(read(node, ada)) as any)._tag, "UserLocked")
        yield* unlock
        yield* pour(ada, "second")
        yield* lock
        yield* node.views.waitFor(yield* pour(bo, "mild"))
        assert.deepStrictEqual(yield* read(node, bo), { mild: 1 })
        yield* node.kill

        const again = yield* start()
        yield* again.views.waitFor(yield* pour(bo, "strong"))
        const [status] = yield* again.views.status
        assert.strictEqual(status.state, "running")
        yield* unlock
        yield* eventually(ailing(again), (state) => state === undefined)
        assert.deepStrictEqual(yield* read(again, ada), { first: 1, second: 1 })
        const [compared] = yield* again.views.compare(silent)
        assert.deepStrictEqual(compared.differences, [])
        yield* again.kill
      })
    ))

  it("N3 a view that is raised meanwhile is built for them when they come", () =>
    onVault(({ lock, pour, register, start, unlock }) =>
      Effect.gen(function*() {
        const node = yield* both({ register, start })
        yield* pour(ada, "first")
        yield* node.views.waitFor(yield* pour(bo, "mild"), bo)
        yield* eventually(read(node, ada), (cups) => "first" in cups)
        yield* node.kill
        yield* lock
        const raised = yield* start(2)
        yield* raised.views.waitFor(yield* pour(bo, "strong"))
        assert.deepStrictEqual(yield* raised.files.read(bo, cupsView(2), madeBy), [2])
        yield* eventually(ailing(raised), (state) => state === "locked")
        // Nothing of who is not here is compared, and nothing of theirs is a difference.
        const [compared] = yield* raised.views.compare(silent)
        assert.deepStrictEqual(compared.differences, [])
        yield* unlock
        yield* eventually(ailing(raised), (state) => state === undefined)
        assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), madeBy), [2])
        assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), cups), { first: 1 })
        yield* raised.kill
      })
    ))
})
