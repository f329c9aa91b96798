/** The statements behind the process store in PostgreSQL: whole batches travel as one JSON parameter, bodies as the text they are. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { Decided, Known } from "./ProcessStore.ts"
import { type Claimed, type Postponed, RefusalsMax, type Step } from "./Step.ts"

type Sql = SqlClient.SqlClient
const json = (value: unknown) => JSON.stringify(value)

/** Makes the tables. Safe when several processes start at once. */
export const migrate = (sql: Sql) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7302, 4)`
    yield* sql`
      CREATE TABLE IF NOT EXISTS process (
        name text COLLATE "C" PRIMARY KEY, version integer NOT NULL, position bigint NOT NULL,
        ended bigint NOT NULL DEFAULT 0, refused bigint NOT NULL DEFAULT 0
      )`
    yield* sql`
      CREATE TABLE IF NOT EXISTS process_step (
        process text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY,
        kind text COLLATE "C" NOT NULL CHECK (kind IN ('ask', 'timer', 'event')),
        key text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, body text NOT NULL, due_at bigint NOT NULL,
        claim integer NOT NULL DEFAULT 0, claimed_until bigint NOT NULL DEFAULT 0, attempts integer NOT NULL DEFAULT 0,
        reason text, stuck_at bigint, PRIMARY KEY (process, id)
      )`
    yield* sql`
      CREATE UNIQUE INDEX IF NOT EXISTS process_timer ON process_step (process, key, name) WHERE kind = 'timer'`
    yield* sql`CREATE INDEX IF NOT EXISTS process_due ON process_step (process, due_at, seq) WHERE stuck_at IS NULL`
    yield* sql`CREATE INDEX IF NOT EXISTS process_line ON process_step (process, key, seq) WHERE kind <> 'timer'`
    yield* sql`CREATE INDEX IF NOT EXISTS process_stuck ON process_step (stuck_at) WHERE stuck_at IS NOT NULL`
    yield* sql`
      CREATE TABLE IF NOT EXISTS process_memory (
        process text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, memory text NOT NULL, PRIMARY KEY (process, key)
      )`
    yield* sql`
      CREATE TABLE IF NOT EXISTS process_refusal (
        process text COLLATE "C" NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY, id text NOT NULL, key text NOT NULL,
        command text NOT NULL, refusal text NOT NULL, at bigint NOT NULL, PRIMARY KEY (process, seq)
      )`
  }))

/** Nothing of its key was decided before it and still waits. An earlier step is only ever deleted, so this can become true, never false. */
const isFirst = `(s.kind = 'timer' OR NOT EXISTS (SELECT 1 FROM process_step e
  WHERE e.process = s.process AND e.key = s.key AND e.kind <> 'timer' AND e.seq < s.seq))`

interface StepRow extends Omit<Step, "dueAt" | "body"> {
  readonly due_at: string
  readonly body: string
}

/** One statement that waits for nobody: what others are at is passed over. */
export const claim = (sql: Sql, process: string, now: number, until: number, max: number) =>
  sql.unsafe<StepRow & { readonly seq: string }>(
    `WITH ready AS MATERIALIZED (
       SELECT s.process, s.id FROM process_step s
       WHERE s.process = $1 AND s.stuck_at IS NULL AND s.due_at <= $2 AND s.claimed_until <= $2 AND ${isFirst}
       ORDER BY s.due_at, s.seq LIMIT $4 FOR UPDATE OF s SKIP LOCKED
     )
     UPDATE process_step s SET claim = s.claim + 1, claimed_until = $3 FROM ready r
     WHERE s.process = r.process AND s.id = r.id
     RETURNING s.id, s.kind, s.key, s.name, s.body, s.due_at, s.claim, s.attempts, s.seq`,
    [process, now, until, max]
  ).pipe(
    Effect.map((rows): ReadonlyArray<Step> =>
      rows.toSorted((a, b) => Number(a.due_at) - Number(b.due_at) || Number(a.seq) - Number(b.seq)).map(
        ({ attempts, body, claim, due_at, id, key, kind, name }) => ({
          id,
          kind,
          key,
          name,
          claim,
          attempts,
          dueAt: Number(due_at),
          body: JSON.parse(body)
        })
      )
    )
  )

export const nextDue = (sql: Sql, process: string) =>
  sql.unsafe<{ readonly due: string }>(
    `SELECT least(
       (SELECT s.due_at FROM process_step s WHERE s.process = $1 AND s.stuck_at IS NULL AND s.claimed_until = 0 AND ${isFirst}
        ORDER BY s.due_at, s.seq LIMIT 1),
       (SELECT min(greatest(s.due_at, s.claimed_until)) FROM process_step s
        WHERE s.process = $1 AND s.stuck_at IS NULL AND s.claimed_until > 0)
     ) AS due`,
    [process]
  ).pipe(Effect.map(([row]) => row?.due === null || row?.due === undefined ? null : Number(row.due)))

/** What the decision is made on; the steps it ends are held until the transaction is over. */
export const known = (sql: Sql, process: string, ends: ReadonlyArray<Claimed>, keys: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const held = ends.length === 0 ? [] : yield* sql.unsafe<{ readonly id: string }>(
      `SELECT s.id FROM process_step s JOIN json_to_recordset($2::json) AS e(id text, claim integer) USING (id, claim)
       WHERE s.process = $1 FOR UPDATE OF s`,
      [process, json(ends.map(({ claim, id }) => ({ id, claim })))]
    )
    const memories = keys.length === 0 ? [] : yield* sql.unsafe<{ readonly key: string; readonly memory: string }>(
      `SELECT key, memory FROM process_memory WHERE process = $1 AND key = ANY ($2::text[])`,
      [process, keys]
    )
    const parked = keys.length === 0 ? [] : yield* sql.unsafe<{ readonly key: string }>(
      `SELECT DISTINCT key FROM process_step WHERE process = $1 AND kind = 'event' AND key = ANY ($2::text[])`,
      [process, keys]
    )
    return {
      held: new Set(held.map(({ id }) => id)),
      memories: new Map(memories.map(({ key, memory }) => [key, JSON.parse(memory)])),
      parked: new Set(parked.map(({ key }) => key))
    } satisfies Known
  })

export const write = (sql: Sql, process: string, now: number, decided: Decided): Effect.Effect<void, SqlError> =>
  Effect.gen(function*() {
    const { cancelled, ended, memories, refused, steps, stuck } = decided
    if (ended.length > 0) yield* sql`DELETE FROM process_step WHERE process = ${process} AND id = ANY (${ended})`
    if (stuck.length > 0) {
      yield* sql.unsafe(
        `UPDATE process_step s SET stuck_at = $3, claimed_until = 0, reason = v.reason
         FROM json_to_recordset($2::json) AS v(id text, reason text) WHERE s.process = $1 AND s.id = v.id`,
        [process, json(stuck), now]
      )
    }
    if (cancelled.length > 0) {
      yield* sql.unsafe(
        `DELETE FROM process_step s USING json_to_recordset($2::json) AS v(key text, name text)
         WHERE s.process = $1 AND s.kind = 'timer' AND s.key = v.key AND s.name = v.name`,
        [process, json(cancelled)]
      )
    }
    yield* insert(sql, process, now, steps.filter(({ kind }) => kind === "timer"), moveTimer)
    yield* insert(sql, process, now, steps.filter(({ kind }) => kind !== "timer"), "(process, id) DO NOTHING")
    if (memories.size > 0) yield* recall(sql, process, memories)
    if (refused.length > 0) yield* refuse(sql, process, refused)
  })

const moveTimer = `(process, key, name) WHERE kind = 'timer' DO UPDATE SET id = excluded.id, body = excluded.body,
  due_at = excluded.due_at, seq = DEFAULT, claim = s.claim + 1, claimed_until = 0, attempts = 0, reason = NULL, stuck_at = NULL`

/** In the order given: that is their place in the line of their key. */
const insert = (sql: Sql, process: string, now: number, steps: Decided["steps"], onConflict: string) =>
  steps.length === 0 ? Effect.void : sql.unsafe(
    `INSERT INTO process_step AS s (process, id, kind, key, name, body, due_at, reason, stuck_at)
     SELECT $1, v.id, v.kind, v.key, v.name, v.body, v.due_at, v.reason,
       CASE WHEN v.reason IS NOT NULL THEN $3::bigint END
     FROM ROWS FROM (json_to_recordset($2::json)
       AS (id text, kind text, key text, name text, body text, due_at bigint, reason text)) WITH ORDINALITY
       AS v(id, kind, key, name, body, due_at, reason, place)
     ORDER BY v.place ON CONFLICT ${onConflict}`,
    [
      process,
      json(
        steps.map(({ body, dueAt, stuck, ...step }) => ({ ...step, body: json(body), due_at: dueAt, reason: stuck }))
      ),
      now
    ]
  )

const recall = (sql: Sql, process: string, memories: ReadonlyMap<string, unknown>) =>
  Effect.gen(function*() {
    const forgotten = [...memories].flatMap(([key, memory]) => memory === null ? [key] : [])
    const kept = [...memories].flatMap(([key, memory]) => memory === null ? [] : [{ key, memory: json(memory) }])
    yield* sql`DELETE FROM process_memory WHERE process = ${process} AND key = ANY (${forgotten})`
    yield* sql.unsafe(
      `INSERT INTO process_memory (process, key, memory)
       SELECT $1, v.key, v.memory FROM json_to_recordset($2::json) AS v(key text, memory text)
       ON CONFLICT (process, key) DO UPDATE SET memory = excluded.memory`,
      [process, json(kept)]
    )
  })

const refuse = (sql: Sql, process: string, refused: Decided["refused"]) =>
  Effect.zipRight(
    sql.unsafe(
      `INSERT INTO process_refusal (process, id, key, command, refusal, at)
       SELECT $1, v.id, v.key, v.command, v.refusal, v.at
       FROM json_to_recordset($2::json) AS v(id text, key text, command text, refusal text, at bigint)`,
      [process, json(refused.toReversed())]
    ),
    sql`DELETE FROM process_refusal WHERE process = ${process} AND seq <= (SELECT seq FROM process_refusal
      WHERE process = ${process} ORDER BY seq DESC OFFSET ${RefusalsMax} LIMIT 1)`
  )

export const postpone = (sql: Sql, process: string, steps: ReadonlyArray<Postponed>) =>
  sql.unsafe(
    `UPDATE process_step s SET due_at = v.due_at, attempts = v.attempts, reason = v.reason, stuck_at = v.stuck_at, claimed_until = 0
     FROM json_to_recordset($2::json)
       AS v(id text, claim integer, due_at bigint, attempts integer, reason text, stuck_at bigint)
     WHERE s.process = $1 AND s.id = v.id AND s.claim = v.claim`,
    [
      process,
      json(steps.map(({ attempts, claim, dueAt, id, reason, stuckAt }) => ({
        id,
        claim,
        attempts,
        reason,
        due_at: dueAt,
        stuck_at: stuckAt
      })))
    ]
  )
