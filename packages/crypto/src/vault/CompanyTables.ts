/**
 * What the processes of a node leave for each other in its PostgreSQL about vaults: who is at work, what was said, what was sealed to
 * whom. No key lies here that a copy of the database could open, and nothing here is believed that opens one: see `ProcessKey`.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

type Sql = SqlClient.SqlClient

/** Whoever listens is woken by what is said here. */
export const channel = "vivim_vault"

/** Makes the tables. Safe when several processes start at once. */
export const migrate = (sql: Sql) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7307, 0)`
    // Drawn when an unlocking or a locking begins.
    yield* sql`CREATE SEQUENCE IF NOT EXISTS vault_turn`
    yield* sql`
      CREATE TABLE IF NOT EXISTS vault_process (
        process text COLLATE "C" PRIMARY KEY, announcement bytea NOT NULL, heard bigint NOT NULL, seen_at timestamptz NOT NULL
      )`
    yield* sql`
      CREATE TABLE IF NOT EXISTS vault_news (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, owner text COLLATE "C" NOT NULL,
        stream text COLLATE "C", number bigint, at timestamptz NOT NULL DEFAULT now()
      )`
    yield* sql`
      CREATE TABLE IF NOT EXISTS vault_gift (
        process text COLLATE "C" NOT NULL, gift bytea NOT NULL, at timestamptz NOT NULL DEFAULT now()
      )`
    yield* sql`CREATE INDEX IF NOT EXISTS vault_gift_process ON vault_gift (process)`
    // `locked`: the newest locking. `used`: when it was last in use, as whoever was asked has signed it.
    yield* sql`
      CREATE TABLE IF NOT EXISTS vault_lock (
        owner text COLLATE "C" PRIMARY KEY, locked bigint NOT NULL DEFAULT 0, used bytea
      )`
  }))

export interface NewsRow {
  readonly position: string
  readonly kind: "enrolled" | "gone" | "keys" | "locked" | "unlocked" | "joined"
  /** Of `joined`, the process. */
  readonly owner: string
  readonly stream: string | null
  /** Of a locking. */
  readonly number: string | null
}

/** What is said has a place in one order, that of its commits: whoever says something waits for who was before. Answers the place. */
export const say = (
  sql: Sql,
  { kind, number, owner, stream }: Omit<NewsRow, "position" | "number"> & { readonly number: number | null }
) =>
  Effect.map(
    sql<{ readonly position: string }>`
      WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(7308, 0) IS NULL AS mine)
      INSERT INTO vault_news (kind, owner, stream, number)
      SELECT ${kind}, ${owner}, ${stream}, ${number}::bigint FROM turn WHERE mine IS NOT NULL
      RETURNING position, pg_notify(${channel}, 'said') IS NULL AS woken`,
    ([row]) => Number(row!.position)
  )

/** Enters a life; what was said before is not its business. Answers the place from which on it listens. */
export const enter = (sql: Sql, process: string, announcement: Uint8Array) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7308, 0)`
    const [row] = yield* sql<{ readonly heard: string }>`
      INSERT INTO vault_process
      SELECT ${process}, ${Buffer.from(announcement)}, coalesce(max(position), 0), now() FROM vault_news
      RETURNING heard`
    yield* say(sql, { kind: "joined", owner: process, stream: null, number: null })
    return Number(row!.heard)
  }))

export const newsAfter = (sql: Sql, position: number, pageMax: number) =>
  sql<NewsRow>`
    SELECT position, kind, owner, stream, number FROM vault_news WHERE position > ${position}
    ORDER BY position LIMIT ${pageMax}`

/** Says that this life goes on, and how far it has heard. False when others do not count on it any more. */
export const goOn = (sql: Sql, process: string, heard: number, silenceMs: number) =>
  Effect.map(
    sql`
      UPDATE vault_process SET seen_at = now(), heard = ${heard}
      WHERE process = ${process} AND seen_at > now() - make_interval(secs => ${silenceMs / 1_000}) RETURNING process`,
    (rows) => rows.length === 1
  )

/** The others who are counted on. */
export const atWork = (sql: Sql, silenceMs: number) =>
  sql<{ readonly process: string; readonly announcement: Uint8Array; readonly heard: string }>`
    SELECT process, announcement, heard FROM vault_process
    WHERE seen_at > now() - make_interval(secs => ${silenceMs / 1_000})`

export const haveHeard = (sql: Sql, position: number, silenceMs: number) =>
  Effect.map(
    sql`
      SELECT process FROM vault_process
      WHERE heard < ${position} AND seen_at > now() - make_interval(secs => ${silenceMs / 1_000}) LIMIT 1`,
    (rows) => rows.length === 0
  )

export const leave = (sql: Sql, process: string) => sql`DELETE FROM vault_process WHERE process = ${process}`

/** Clears away what nobody at work will ask for. */
export const clear = (sql: Sql, silenceMs: number) => {
  const seconds = (silenceMs / 1_000) * 4
  return Effect.all([
    sql`DELETE FROM vault_news WHERE at < now() - make_interval(secs => ${seconds})`,
    sql`DELETE FROM vault_gift WHERE at < now() - make_interval(secs => ${seconds})`,
    sql`DELETE FROM vault_process WHERE seen_at < now() - make_interval(secs => ${seconds})`
  ], { discard: true })
}
