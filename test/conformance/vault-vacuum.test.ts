/** What destroyed keys leave in the files of a real PostgreSQL server, set as a node sets its own: looked for byte by byte. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as SqlVaultRows from "@vivim/crypto/vault/SqlVaultRows"
import { VaultRows } from "@vivim/crypto/vault/VaultRows"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import pg from "pg"
import { afterAll, assert, beforeAll, beforeEach, describe, it } from "vitest"
import { noServer, serverPostgres } from "./ServerPostgres.ts"

const owner = "did:key:zAda"

describe.skipIf(noServer !== null)("destroyed keys in PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let url: Redacted.Redacted<string>
  let rows: VaultRows["Type"]
  let sql: SqlClient.SqlClient
  let folder: string
  let destroyed: Buffer
  let kept: Buffer

  const run = Effect.runPromise
  /** The folders of the server in which these bytes are. */
  const placesOf = (bytes: Buffer) =>
    [
      ...new Set(
        fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
          const file = path.join(folder, name)
          return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true &&
            fs.readFileSync(file).includes(bytes)
        }).map((name) => name.split(path.sep)[0]!)
      )
    ].toSorted()
  const isDue = Effect.map(Effect.suspend(() => sql`SELECT FROM vault_vacuum`), ({ length }) => length > 0)

  beforeAll(() =>
    Effect.gen(function*() {
      const { newDatabase } = yield* serverPostgres
      url = yield* newDatabase
      const ground = yield* Layer.build(
        Layer.provideMerge(SqlVaultRows.layer, PgClient.layer({ url, maxConnections: 8 }))
      )
      rows = Context.get(ground, VaultRows)
      sql = Context.get(ground, SqlClient.SqlClient)
      const [row] = yield* sql<{ readonly at: string }>`SELECT current_setting('data_directory') AS at`
      folder = row!.at
    }).pipe(Scope.extend(scope), run)
  )
  afterAll(() => run(Scope.close(scope, Exit.void)))
  beforeEach(() => {
    destroyed = randomBytes(60)
    kept = randomBytes(60)
    const row = (stream: string, wrapped: Buffer) => ({ owner, stream, generation: 1, wrapped, under: 1 })
    return Effect.gen(function*() {
      yield* sql`TRUNCATE vault, data_key, vault_vacuum`
      yield* rows.enroll(owner, Buffer.alloc(32))
      yield* rows.keep([row("document/d1", destroyed), row("document/d2", kept)])
      yield* sql`CHECKPOINT`
    }).pipe(run)
  })
  const destroy = Effect.suspend(() => rows.destroy({ owner, stream: "document/d1", generation: 1 }))

  it("W1 are in no file, nor in the write-ahead log, nor in segments that were recycled before", async () => {
    // As a server leaves it that does recycle: an old segment, under the name of one to come.
    const [next] = await run(
      sql<{ readonly name: string }>`SELECT pg_walfile_name(pg_current_wal_insert_lsn() + 2 * 16777216::bigint) AS name`
    )
    const recycled = path.join(folder, "pg_wal", next!.name)
    fs.writeFileSync(recycled, Buffer.alloc(16 * 1024 * 1024, destroyed), { mode: 0o600 })
    const { gid, uid } = fs.statSync(folder)
    fs.chownSync(recycled, uid, gid)
    await run(destroy)
    assert.deepStrictEqual(placesOf(destroyed), ["base", "pg_wal"], "this is where they were")
    assert.isTrue(await run(isDue))
    await run(rows.vacuum)
    assert.deepStrictEqual(placesOf(destroyed), [])
    assert.include(placesOf(kept), "base", "what stays is found")
    assert.isFalse(await run(isDue))
    // An owner who leaves takes all along.
    await run(Effect.zipRight(rows.forget(owner), rows.vacuum))
    assert.deepStrictEqual(placesOf(kept), [])
  }, 60_000)

  it("W2 are seen to by whoever comes next, when who destroyed them was killed before", async () => {
    await run(destroy)
    const vault = KeyVault.layer({ idleMax: "1 day", vacuumEvery: "20 millis", rekeyPieceMax: 100 })
    await Effect.gen(function*() {
      yield* Layer.build(vault.pipe(Layer.provide(Layer.succeed(VaultRows, rows))))
      yield* Effect.repeat(isDue, { while: (due) => due, schedule: Schedule.spaced("20 millis") })
    }).pipe(Effect.scoped, run)
    assert.deepStrictEqual(placesOf(destroyed), [])
  }, 60_000)

  it("W3 stay due as long as somebody reads the table as it was", async () => {
    const reader = new pg.Client({ connectionString: Redacted.value(url) })
    await reader.connect()
    await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await reader.query("SELECT count(*) FROM pg_class")
    await run(destroy)
    const tried = await run(Effect.flip(rows.vacuum))
    assert.include(String((tried.cause as { readonly _tag: string })._tag), "StillRead")
    assert.isTrue(await run(isDue))
    await reader.query("COMMIT")
    await reader.end()
    await run(rows.vacuum)
    assert.deepStrictEqual(placesOf(destroyed), [])
    assert.isFalse(await run(isDue))
  }, 60_000)
})
