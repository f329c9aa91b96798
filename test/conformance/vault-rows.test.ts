/** The laws of wrapped keys, over memory and over PostgreSQL, and over some that break them. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlVaultRows from "@vivim/crypto/vault/SqlVaultRows"
import { VaultRows } from "@vivim/crypto/vault/VaultRows"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { noServer, serverPostgres } from "./ServerPostgres.ts"
import { type Rows, vaultRowsLaws } from "./VaultRowsLaws.ts"

const inMemory = Effect.map(Effect.scoped(Layer.build(VaultRows.layerMemory)), Context.get(VaultRows))

describe("laws of wrapped keys in memory", () => {
  for (const law of vaultRowsLaws) {
    it(law.title, () => Effect.runPromise(Effect.scoped(Effect.flatMap(inMemory, law.holds))))
  }
})

describe.skipIf(noServer !== null)("laws of wrapped keys in PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let rows: Rows
  let sql: SqlClient.SqlClient
  beforeAll(() =>
    Effect.gen(function*() {
      const { newDatabase } = yield* serverPostgres
      const ground = yield* Layer.build(
        Layer.provideMerge(SqlVaultRows.layer, PgClient.layer({ url: yield* newDatabase, maxConnections: 8 }))
      )
      rows = Context.get(ground, VaultRows)
      sql = Context.get(ground, SqlClient.SqlClient)
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  for (const law of vaultRowsLaws) {
    it(
      law.title,
      () => Effect.runPromise(Effect.zipRight(sql`TRUNCATE vault, data_key`, Effect.scoped(law.holds(rows))))
    )
  }
})

describe("a law notices", () => {
  const broken: Readonly<Record<string, readonly [RegExp, (rows: Rows) => Partial<Rows>]>> = {
    "where the last key stays": [/R1 what was kept/, ({ keep }) => ({ keep: (rows) => Effect.as(keep(rows), rows) })],
    "where nothing is destroyed": [/R2/, () => ({ destroy: () => Effect.void })],
    "where everything is destroyed": [/R2/, ({ destroy }) => ({
      destroy: (place) => destroy({ ...place, generation: 99 })
    })],
    "where who left keeps their keys": [/R3/, () => ({ forget: () => Effect.void })],
    "where two store keys follow one": [/R4 of two/, () => ({ replace: () => Effect.succeed(true) })],
    "where what was destroyed is wrapped anew": [/R4 what lies/, ({ rewrap }) => ({
      rewrap: (rows) => Effect.as(rewrap(rows), rows)
    })],
    "where the bridge goes too early": [/R4 what lies/, () => ({ finish: () => Effect.succeed(true) })]
  }
  for (const [what, [title, change]] of Object.entries(broken)) {
    it(what, () =>
      Effect.runPromise(Effect.gen(function*() {
        const rows = yield* inMemory
        const law = vaultRowsLaws.find((law) => title.test(law.title))!
        const exit = yield* Effect.exit(Effect.scoped(law.holds({ ...rows, ...change(rows) })))
        assert.isTrue(Exit.isFailure(exit))
      })))
  }
})
