/**
 * Sees to it that wrapped keys that were destroyed lie in no file of the database any more: not in a dead row of their table, and not in the
 * write-ahead log, which has every row that ever was until its segments go. So with what else a table had that must not be left in it.
 *
 * W1  What was destroyed is in no byte of the table's files, nor of the write-ahead log where the server lets go of its segments.
 * W2  What is due is done in the end, also by a process that did not destroy it, or was started since.
 * W3  Whoever still reads the table as it was before is waited for; if they stay, it stays due.
 *
 * PostgreSQL keeps old segments by another name and writes over them later (`wal_recycle`). With that switched off a checkpoint removes them;
 * with it on nothing is done about the log here. On a server of the operator's own the node needs leave for it: see `may`.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** Somebody reads, or is about to write, as of before the keys were destroyed: their rows cannot go yet. */
export class StillRead extends Data.TaggedError("StillRead")<{ readonly sessions: number }> {}

/** The tables from which something was deleted that may still lie somewhere; which time it was, so that a later one is not taken for done. */
export const migrate = (sql: SqlClient.SqlClient) =>
  sql`CREATE TABLE IF NOT EXISTS vault_vacuum (name text COLLATE "C" PRIMARY KEY, due xid8 NOT NULL)`

/** Goes before the statement that deletes, and is durable with it. Names of tables are the program's own. */
export const due = (sql: SqlClient.SqlClient, ...tables: ReadonlyArray<string>) =>
  sql.literal(`due AS (
    INSERT INTO vault_vacuum (name, due) SELECT name, pg_current_xact_id() FROM unnest('{${tables}}'::text[]) AS name
      ON CONFLICT (name) DO UPDATE SET due = excluded.due
  )`)

interface Row {
  readonly name: string
  readonly due: string
}

/** Short ones come and go with every command. */
const patience = Schedule.intersect(Schedule.spaced("100 millis"), Schedule.recurs(50))

/** Nobody who began before: only then does a table that is written anew leave out what they might see. */
const alone = (sql: SqlClient.SqlClient, since: string): Effect.Effect<void, StillRead | SqlError> =>
  Effect.flatMap(
    sql<{ readonly sessions: number }>`
      SELECT count(*)::integer AS sessions FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND greatest(age(backend_xmin), age(backend_xid)) > age(${since}::xid8::xid)`,
    ([row]) => row!.sessions === 0 ? Effect.void : Effect.fail(new StillRead({ sessions: row!.sessions }))
  )

/** Whether the server removes old segments, and lets this role have it done: a superuser, or whoever was granted these three. */
const may = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql<{ readonly may: boolean }>`
      SELECT current_setting('wal_recycle') = 'off' AND pg_has_role('pg_checkpoint', 'USAGE')
        AND has_function_privilege('pg_switch_wal()', 'EXECUTE')
        AND has_function_privilege('pg_ls_waldir()', 'EXECUTE') AS may`,
    ([row]) => row!.may
  )

/** The segments a server has ready at most, however it was set before. */
const aheadMax = 256

/**
 * Begins a new segment, and has the ones before it removed. What a server that did recycle left under names to come is gone through as well: a
 * segment that is left is filled up with zeros.
 */
const leaveSegments = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  for (let n = 0, isLast = false; !isLast && n < aheadMax; n++) {
    const ahead = yield* sql`
      SELECT FROM pg_ls_waldir()
      WHERE name ~ '^[0-9A-F]{24}$' AND name > pg_walfile_name(pg_current_wal_insert_lsn()) LIMIT 1`
    isLast = ahead.length === 0
    // At its very beginning a segment cannot be left.
    yield* sql`SELECT pg_logical_emit_message(false, 'vivim', 'next')`
    yield* sql`SELECT pg_switch_wal()`
  }
  yield* sql`CHECKPOINT`
})

/** Nothing when nothing is due. */
export const vacuum = Effect.fn("SqlVaultVacuum.vacuum")(function*(sql: SqlClient.SqlClient) {
  const rows = yield* sql<Row>`SELECT name, due::text AS due FROM vault_vacuum`
  if (rows.length === 0) return
  const [now] = yield* sql<{ readonly since: string }>`SELECT pg_current_xact_id()::text AS since`
  const isAlone = yield* Effect.either(Effect.retry(alone(sql, now!.since), {
    schedule: patience,
    while: (error) => error._tag === "StillRead"
  }))
  // In any case: what can go goes.
  for (const { name } of rows) yield* sql`VACUUM (FULL) ${sql(name)}`
  if (yield* may(sql)) yield* leaveSegments(sql)
  yield* isAlone
  for (const { due, name } of rows) yield* sql`DELETE FROM vault_vacuum WHERE name = ${name} AND due = ${due}::xid8`
})
