/** Wrapped data keys and enrolments in tables of their own in the node's PostgreSQL. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { KeysUnavailable } from "../Cipher.ts"
import * as SqlVaultVacuum from "./SqlVaultVacuum.ts"
import { type Enrolment, type KeyRow, VaultRows } from "./VaultRows.ts"

const unavailable = Effect.mapError((cause: unknown) => new KeysUnavailable({ cause }))

/** Makes the tables. Safe when several processes start at once. */
export const migrate = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7307, 0)`
    yield* sql`CREATE TABLE IF NOT EXISTS vault (owner text COLLATE "C" PRIMARY KEY, check_value bytea)`
    yield* sql`
      CREATE TABLE IF NOT EXISTS data_key (
        owner text COLLATE "C", stream text COLLATE "C", generation integer, wrapped bytea,
        PRIMARY KEY (owner, stream, generation)
      )`
    // Which store key it is, and which one a key lies under: where nothing is said, the first.
    yield* sql`
      ALTER TABLE vault
        ADD COLUMN IF NOT EXISTS generation integer NOT NULL DEFAULT 1, ADD COLUMN IF NOT EXISTS bridge bytea`
    yield* sql`ALTER TABLE data_key ADD COLUMN IF NOT EXISTS under integer NOT NULL DEFAULT 1`
    const [there] = yield* sql<{ readonly known: boolean }>`SELECT to_regclass('vault_vacuum') IS NOT NULL AS known`
    yield* SqlVaultVacuum.migrate(sql)
    // An older build did not see to the write-ahead log.
    if (!there!.known) {
      yield* sql`
        INSERT INTO vault_vacuum (name, due) SELECT name, pg_current_xact_id() FROM unnest('{data_key,vault}'::text[]) AS name
          WHERE EXISTS (SELECT FROM data_key WHERE wrapped IS NULL)`
    }
  }))).pipe(unavailable)

/** While it is held no exchange of a store key comes to its end. */
const bridges = "7307, 1"

/** For who reads all keys and then the vaults they belong to: what lies under the store key before can be reached until the scope ends. */
export const keepBridges: Effect.Effect<void, SqlError, SqlClient.SqlClient | Scope.Scope> = Effect.gen(function*() {
  const connection = yield* (yield* SqlClient.SqlClient).reserve
  const ask = (text: string) => connection.execute(text, [], undefined)
  yield* Effect.acquireRelease(
    ask(`SELECT pg_advisory_lock_shared(${bridges})`),
    () => Effect.orDie(ask(`SELECT pg_advisory_unlock_shared(${bridges})`))
  )
})

/** Arrays travel as they are: one statement, however many rows, and always the same text. */
const givenText = `
  SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bytea[], $5::integer[])
    AS given (owner, stream, generation, wrapped, under)`

/** Who gets another store key meanwhile waits for it, or it for them: nothing is kept under a store key that was replaced. */
const keepText = `
  WITH given AS (${givenText}), current AS (
    SELECT owner, generation FROM vault WHERE owner IN (SELECT owner FROM given) AND check_value IS NOT NULL
      ORDER BY owner FOR SHARE
  ), kept AS (
    INSERT INTO data_key (owner, stream, generation, wrapped, under)
      SELECT given.owner, stream, given.generation, wrapped, under
        FROM given JOIN current ON current.owner = given.owner AND current.generation = given.under
      ON CONFLICT (owner, stream, generation) DO NOTHING RETURNING owner, stream, generation, wrapped, under
  ) SELECT * FROM kept UNION ALL
    SELECT owner, stream, generation, there.wrapped, there.under
      FROM data_key there JOIN given USING (owner, stream, generation)`

const rewrapText = `
  WITH given AS (${givenText})
  UPDATE data_key there SET wrapped = given.wrapped, under = given.under FROM given
    WHERE there.owner = given.owner AND there.stream = given.stream AND there.generation = given.generation
      AND there.under < given.under AND there.wrapped IS NOT NULL
    RETURNING there.owner, there.stream, there.generation, there.wrapped, there.under`

export const layer: Layer.Layer<VaultRows, KeysUnavailable, SqlClient.SqlClient> = Layer.effect(
  VaultRows,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* migrate
    const nameOf = ({ generation, owner, stream }: KeyRow) => JSON.stringify([owner, stream, generation])
    const withAll = (text: string) => (rows: ReadonlyArray<KeyRow>) =>
      sql.unsafe<KeyRow>(text, [
        rows.map(({ owner }) => owner),
        rows.map(({ stream }) => stream),
        rows.map(({ generation }) => generation),
        rows.map(({ wrapped }) => wrapped === null ? null : Buffer.from(wrapped)),
        rows.map(({ under }) => under)
      ] as never)
    const keep = withAll(keepText)
    const due = SqlVaultVacuum.due(sql, "data_key", "vault")
    const enrolmentOf = (owner: string) =>
      Effect.map(
        sql<Enrolment>`SELECT owner, check_value AS "check", generation, bridge FROM vault WHERE owner = ${owner}`,
        ([row]) => row ?? null
      )
    return VaultRows.of({
      enrolments: unavailable(sql<Enrolment>`SELECT owner, check_value AS "check", generation, bridge FROM vault`),
      enroll: (owner, check) =>
        unavailable(Effect.zipRight(
          sql`
            INSERT INTO vault (owner, check_value) VALUES (${owner}, ${Buffer.from(check)})
            ON CONFLICT (owner) DO NOTHING`,
          Effect.map(enrolmentOf(owner), (there) => there!)
        )),
      enrolmentOf: (owner) => unavailable(enrolmentOf(owner)),
      ...replacing(sql, withAll),
      keep: (rows) =>
        unavailable(Effect.gen(function*() {
          const there = new Map((yield* keep(rows)).map((row) => [nameOf(row), row]))
          // Kept by another process at the same moment: its row was not to be seen yet. It is by now.
          const unseen = rows.filter((row) => !there.has(nameOf(row)))
          if (unseen.length > 0) { for (const row of yield* keep(unseen)) there.set(nameOf(row), row) }
          return rows.map((row) => there.get(nameOf(row)) ?? null)
        })),
      ofOwner: (owner) => unavailable(sql<KeyRow>`SELECT * FROM data_key WHERE owner = ${owner}`),
      ofStream: (owner, stream) =>
        unavailable(sql<KeyRow>`SELECT * FROM data_key WHERE owner = ${owner} AND stream = ${stream}`),
      destroy: ({ generation, owner, stream }) =>
        unavailable(Effect.asVoid(sql`
          WITH ${due} UPDATE data_key SET wrapped = NULL
          WHERE owner = ${owner} AND stream = ${stream} AND generation <= ${generation} AND wrapped IS NOT NULL`)),
      vacuum: unavailable(SqlVaultVacuum.vacuum(sql)),
      forget: (owner) =>
        // In this order: nobody keeps a key while the row is held, and none after it.
        unavailable(sql.withTransaction(Effect.zipRight(
          sql`
            INSERT INTO vault (owner) VALUES (${owner})
            ON CONFLICT (owner) DO UPDATE SET check_value = NULL, bridge = NULL`,
          Effect.asVoid(sql`WITH ${due} DELETE FROM data_key WHERE owner = ${owner}`)
        )))
    })
  })
)

type Together = (text: string) => (rows: ReadonlyArray<KeyRow>) => Effect.Effect<ReadonlyArray<KeyRow>, unknown>

/** The part of it that is about one store key after the other. */
const replacing = (sql: SqlClient.SqlClient, withAll: Together) =>
  ({
    replace: ({ bridge, check, generation, owner }, rows) =>
      unavailable(sql.withTransaction(Effect.gen(function*() {
        const replaced = yield* sql`
          UPDATE vault SET check_value = ${Buffer.from(check!)}, generation = ${generation}, bridge = ${
          Buffer.from(bridge!)
        } WHERE owner = ${owner} AND generation = ${generation - 1} AND check_value IS NOT NULL RETURNING owner`
        if (replaced.length === 0) return false
        yield* withAll(keepText)(rows)
        return true
      }))),
    behind: ({ after, max, owner, under }) =>
      unavailable(sql<KeyRow>`
        SELECT * FROM data_key WHERE owner = ${owner} AND (stream, generation) > (${after.stream}, ${after.generation})
          AND under < ${under} AND wrapped IS NOT NULL ORDER BY stream, generation LIMIT ${max}`),
    countBehind: (owner, generation) =>
      unavailable(Effect.map(
        sql<{ readonly n: number }>`
          SELECT count(*)::integer AS n FROM data_key
          WHERE owner = ${owner} AND under < ${generation} AND wrapped IS NOT NULL`,
        ([row]) => row!.n
      )),
    rewrap: (rows) => unavailable(withAll(rewrapText)(rows)),
    finish: (owner, generation) =>
      unavailable(sql.withTransaction(Effect.zipRight(
        sql`SELECT pg_advisory_xact_lock(${sql.literal(bridges)})`,
        Effect.map(
          sql`
          WITH ${SqlVaultVacuum.due(sql, "data_key", "vault")}
          UPDATE vault SET bridge = NULL WHERE owner = ${owner} AND generation = ${generation} AND NOT EXISTS (
            SELECT FROM data_key WHERE owner = ${owner} AND under < ${generation} AND wrapped IS NOT NULL
          ) RETURNING owner`,
          (gone) => gone.length > 0
        )
      )))
  }) satisfies Pick<VaultRows["Type"], "replace" | "behind" | "countBehind" | "rewrap" | "finish">
