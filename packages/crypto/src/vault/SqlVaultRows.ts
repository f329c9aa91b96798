/** Wrapped data keys and enrolments in tables of their own in the node's PostgreSQL. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { KeysUnavailable } from "../Cipher.ts"
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
  }))).pipe(unavailable)

/** Arrays travel as they are: one statement, however many rows, and always the same text. */
const keepText = `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bytea[]) AS given (owner, stream, generation, wrapped)
  ), kept AS (
    INSERT INTO data_key SELECT owner, stream, generation, wrapped FROM given
      ON CONFLICT (owner, stream, generation) DO NOTHING RETURNING owner, stream, generation, wrapped
  ) SELECT * FROM kept UNION ALL
    SELECT there.* FROM data_key there JOIN given USING (owner, stream, generation)`

export const layer: Layer.Layer<VaultRows, KeysUnavailable, SqlClient.SqlClient> = Layer.effect(
  VaultRows,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* migrate
    const nameOf = ({ generation, owner, stream }: KeyRow) => JSON.stringify([owner, stream, generation])
    const keep = (rows: ReadonlyArray<KeyRow>) =>
      sql.unsafe<KeyRow>(keepText, [
        rows.map(({ owner }) => owner),
        rows.map(({ stream }) => stream),
        rows.map(({ generation }) => generation),
        rows.map(({ wrapped }) => wrapped === null ? null : Buffer.from(wrapped))
      ] as never)
    return VaultRows.of({
      enrolments: unavailable(sql<Enrolment>`SELECT owner, check_value AS "check" FROM vault`),
      enrolmentOf: (owner) =>
        unavailable(Effect.map(
          sql<Enrolment>`SELECT owner, check_value AS "check" FROM vault WHERE owner = ${owner}`,
          ([row]) => row ?? null
        )),
      enroll: (owner, check) =>
        unavailable(Effect.zipRight(
          sql`INSERT INTO vault VALUES (${owner}, ${Buffer.from(check)}) ON CONFLICT (owner) DO NOTHING`,
          Effect.map(sql<Enrolment>`SELECT owner, check_value AS "check" FROM vault WHERE owner = ${owner}`, ([row]) =>
            row!)
        )),
      keep: (rows) =>
        unavailable(Effect.gen(function*() {
          const there = new Map((yield* keep(rows)).map((row) => [nameOf(row), row]))
          // Kept by another process at the same moment: its row was not to be seen yet. It is by now.
          const unseen = rows.filter((row) => !there.has(nameOf(row)))
          if (unseen.length > 0) { for (const row of yield* keep(unseen)) there.set(nameOf(row), row) }
          return rows.map((row) => there.get(nameOf(row)) ?? { ...row, wrapped: null })
        })),
      ofOwner: (owner) => unavailable(sql<KeyRow>`SELECT * FROM data_key WHERE owner = ${owner}`),
      ofStream: (owner, stream) =>
        unavailable(sql<KeyRow>`SELECT * FROM data_key WHERE owner = ${owner} AND stream = ${stream}`),
      destroy: ({ generation, owner, stream }) =>
        unavailable(Effect.asVoid(sql`
          UPDATE data_key SET wrapped = NULL
          WHERE owner = ${owner} AND stream = ${stream} AND generation <= ${generation} AND wrapped IS NOT NULL`)),
      // Written anew: the file with the dead rows goes.
      vacuum: unavailable(Effect.asVoid(sql`VACUUM (FULL) data_key`)),
      forget: (owner) =>
        unavailable(sql.withTransaction(Effect.zipRight(
          sql`DELETE FROM data_key WHERE owner = ${owner}`,
          Effect.asVoid(sql`
            INSERT INTO vault VALUES (${owner}, NULL) ON CONFLICT (owner) DO UPDATE SET check_value = NULL`)
        )))
    })
  })
)
