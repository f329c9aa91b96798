/**
 * What processes have decided, in the node's PostgreSQL. Decisions of one process are made one at a time, held by its row, and are
 * short; what was decided is carried out by any process of the node, shared out by claims that wait for nobody (SKIP LOCKED).
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Decision, type Figures, type KeptRefusal, ProcessStore, ProcessStoreError } from "./ProcessStore.ts"
import * as Steps from "./SqlSteps.ts"
import { RefusalsMax, type StuckStep } from "./Step.ts"

type Sql = SqlClient.SqlClient

const failing = (doing: string) => Effect.mapError((cause: SqlError) => new ProcessStoreError({ doing, cause }))

const decide = (sql: Sql, { decide, ends, keys, moves, now, process }: Decision) =>
  sql.withTransaction(Effect.gen(function*() {
    const [row] = yield* sql<{ readonly position: string }>`
      SELECT position FROM process WHERE name = ${process} FOR UPDATE`
    if (moves !== null && Number(row?.position) !== moves.from) return false
    const decided = decide(yield* Steps.known(sql, process, ends, keys))
    yield* Steps.write(sql, process, now, decided)
    yield* sql`
      UPDATE process SET position = ${moves?.to ?? Number(row?.position)}, ended = ended + ${decided.ended.length},
        refused = refused + ${decided.refused.length} WHERE name = ${process}`
    return true
  }))

const begin = (sql: Sql, process: string, version: number) =>
  Effect.map(
    sql<{ readonly position: string }>`
      INSERT INTO process (name, version, position) VALUES (${process}, ${version}, 0)
      ON CONFLICT (name) DO UPDATE SET version = excluded.version RETURNING position`,
    ([row]) => Number(row!.position)
  )

const figures = (sql: Sql, process: string) =>
  Effect.gen(function*() {
    const [row] = yield* sql<Readonly<Record<keyof Figures, string>>>`
      SELECT p.position, p.ended, p.refused,
        (SELECT count(*) FROM process_step s
          WHERE s.process = p.name AND s.kind <> 'timer' AND s.stuck_at IS NULL) AS waiting,
        (SELECT count(*) FROM process_step s
          WHERE s.process = p.name AND s.kind = 'timer' AND s.stuck_at IS NULL) AS timers,
        (SELECT count(*) FROM process_step s WHERE s.process = p.name AND s.stuck_at IS NOT NULL) AS stuck
      FROM process p WHERE p.name = ${process}`
    const of = (figure: keyof Figures) => Number(row?.[figure] ?? 0)
    return {
      position: of("position"),
      waiting: of("waiting"),
      timers: of("timers"),
      stuck: of("stuck"),
      ended: of("ended"),
      refused: of("refused")
    } satisfies Figures
  })

type StuckRow = Omit<StuckStep, "stuckAt"> & { readonly stuck_at: string }
const stuckStep = ({ stuck_at, ...step }: StuckRow): StuckStep => ({ ...step, stuckAt: Number(stuck_at) })

const stuck = (sql: Sql, max: number) =>
  Effect.map(
    sql<StuckRow>`
      SELECT process, id, kind, key, name, attempts, coalesce(reason, '') AS reason, stuck_at
      FROM process_step WHERE stuck_at IS NOT NULL ORDER BY stuck_at, id LIMIT ${max}`,
    (rows): ReadonlyArray<StuckStep> => rows.map(stuckStep)
  )

/** The row is held while it is recorded that it goes. */
const drop = <A, E>(sql: Sql, process: string, id: string, record: (step: StuckStep) => Effect.Effect<A, E>) => {
  const asked = <B>(ask: Effect.Effect<B, SqlError>) => failing("drop a step")(ask)
  return sql.withTransaction(Effect.gen(function*() {
    const [row] = yield* asked(sql<StuckRow>`
      SELECT process, id, kind, key, name, attempts, coalesce(reason, '') AS reason, stuck_at
      FROM process_step WHERE process = ${process} AND id = ${id} AND stuck_at IS NOT NULL FOR UPDATE`)
    if (row === undefined) return null
    const recorded = yield* record(stuckStep(row))
    yield* asked(sql`DELETE FROM process_step WHERE process = ${process} AND id = ${id}`)
    return recorded
  })).pipe(
    // Only beginning and committing the transaction leave it as they are.
    Effect.mapError((error) =>
      error instanceof SqlError
        ? new ProcessStoreError({ doing: "drop a step", cause: error })
        : error as E | ProcessStoreError
    )
  )
}

const refusals = (sql: Sql, process: string) =>
  Effect.map(
    sql<Omit<KeptRefusal, "at"> & { readonly at: string }>`
      SELECT id, key, command, refusal, at FROM process_refusal WHERE process = ${process}
      ORDER BY seq DESC LIMIT ${RefusalsMax}`,
    (rows): ReadonlyArray<KeptRefusal> => rows.map((row) => ({ ...row, at: Number(row.at) }))
  )

export const layer: Layer.Layer<ProcessStore, ProcessStoreError, SqlClient.SqlClient> = Layer.effect(
  ProcessStore,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* Steps.migrate(sql).pipe(failing("make the tables of processes"))
    return ProcessStore.of({
      begin: (process, version) => begin(sql, process, version).pipe(failing("begin a process")),
      decide: Effect.fn("ProcessStore.decide")((decision) => decide(sql, decision).pipe(failing("keep a decision"))),
      claim: Effect.fn("ProcessStore.claim")((process, now, until, max) =>
        Steps.claim(sql, process, now, until, max).pipe(failing("claim steps"))
      ),
      postpone: (process, steps) =>
        steps.length === 0
          ? Effect.void
          : Steps.postpone(sql, process, steps).pipe(Effect.asVoid, failing("postpone steps")),
      nextDue: (process) => Steps.nextDue(sql, process).pipe(failing("look when the next step is due")),
      release: (process) =>
        sql`UPDATE process_step SET claimed_until = 0 WHERE process = ${process} AND claimed_until > 0`.pipe(
          Effect.asVoid,
          failing("give back what is claimed")
        ),
      figures: (process) => figures(sql, process).pipe(failing("count steps")),
      stuck: (max) => stuck(sql, max).pipe(failing("read what is stuck")),
      retry: (process, id, now) =>
        sql`
          UPDATE process_step SET stuck_at = NULL, attempts = 0, due_at = ${now}
          WHERE process = ${process} AND id = ${id} AND stuck_at IS NOT NULL RETURNING id`.pipe(
          Effect.map((rows) => rows.length > 0),
          failing("retry a step")
        ),
      hurry: (process, reason, now) =>
        sql`
          UPDATE process_step SET due_at = ${now}
          WHERE process = ${process} AND reason = ${reason} AND stuck_at IS NULL AND claimed_until = 0 AND due_at > ${now}`
          .pipe(Effect.asVoid, failing("hurry steps")),
      drop: (process, id, record) => drop(sql, process, id, record),
      refusals: (process) => refusals(sql, process).pipe(failing("read refusals"))
    })
  })
)
