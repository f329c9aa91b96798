/** How far each generation of each view has read, and which of its parts have not kept up, in the node's PostgreSQL. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

export interface Generation {
  readonly generation: number
  readonly version: number
  readonly position: number
}

interface Row {
  readonly generation: number
  readonly version: number
  readonly position: string
}

/** Makes the table. Safe when several processes start at once. */
export const migrate = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7302, 0)`
    yield* sql`CREATE SCHEMA IF NOT EXISTS registry`
    yield* sql`
      CREATE TABLE IF NOT EXISTS projection (
        view text NOT NULL, generation integer NOT NULL, version integer NOT NULL, position bigint NOT NULL,
        state text NOT NULL CHECK (state IN ('serving', 'building')), PRIMARY KEY (view, generation)
      )`
    // Why a part stopped is not kept: an error may quote what is private. It is found out again after a restart.
    yield* sql`
      CREATE TABLE IF NOT EXISTS projection_part (
        view text NOT NULL, part text NOT NULL, damaged boolean NOT NULL, position bigint NOT NULL, stream text, version bigint,
        type text, since bigint NOT NULL, PRIMARY KEY (view, part)
      )`
  }))
})

/** The checkpoints of one view. */
export const make = Effect.fnUntraced(function*(view: string) {
  const sql = yield* SqlClient.SqlClient
  const read = ([row]: ReadonlyArray<Row>): Generation | null =>
    row === undefined ? null : { generation: row.generation, version: row.version, position: Number(row.position) }
  return {
    serving: sql<Row>`
      SELECT generation, version, position FROM projection WHERE view = ${view} AND state = 'serving'`.pipe(
      Effect.map(read)
    ),
    /** As `serving`; the row is held until the transaction ends. */
    holdServing: sql<Row>`
      SELECT generation, version, position FROM projection WHERE view = ${view} AND state = 'serving' FOR UPDATE`.pipe(
      Effect.map(read)
    ),
    /** Where a generation stands, or null when it is gone; the row is held until the transaction ends. */
    hold: (generation: number) =>
      sql<Row>`SELECT generation, version, position FROM projection
        WHERE view = ${view} AND generation = ${generation} FOR UPDATE`.pipe(
        Effect.map((rows) => read(rows)?.position ?? null)
      ),
    /** As `hold`, but of what is committed, and holding nothing. */
    standing: (generation: number) =>
      sql<Row>`SELECT generation, version, position FROM projection
        WHERE view = ${view} AND generation = ${generation}`.pipe(
        Effect.map((rows) => read(rows)?.position ?? null)
      ),
    /** Keeps others from making the first generation at the same time, until the transaction ends. */
    first: sql`SELECT pg_advisory_xact_lock(7303, hashtext(${view}))`,
    move: (generation: number, position: number) =>
      sql`UPDATE projection SET position = ${position}
        WHERE view = ${view} AND generation = ${generation} AND position < ${position}`,
    /** A new generation: it serves at once when none does, so that readers always find the view. */
    begin: (version: number, state: "serving" | "building") =>
      sql<{ readonly generation: number }>`
        INSERT INTO projection (view, generation, version, position, state)
        SELECT ${view}, coalesce(max(generation), 0) + 1, ${version}::integer, 0, ${state}
        FROM projection WHERE view = ${view}
        RETURNING generation`.pipe(Effect.map(([row]) => row!.generation)),
    /** One generation in the place of all others, as far as its rows are. */
    replace: (version: number, position: number) =>
      sql.withTransaction(Effect.gen(function*() {
        const [row] = yield* sql<{ readonly generation: number }>`
          SELECT coalesce(max(generation), 0) + 1 AS generation FROM projection WHERE view = ${view}`
        yield* sql`DELETE FROM projection WHERE view = ${view}`
        yield* sql`
          INSERT INTO projection (view, generation, version, position, state)
          VALUES (${view}, ${row!.generation}, ${version}, ${position}, 'serving')`
        return row!.generation
      })),
    serve: (generation: number) =>
      sql`UPDATE projection SET state = 'serving' WHERE view = ${view} AND generation = ${generation}`,
    /** Forgets generations and says which they were. */
    forget: (which: "serving" | "building" | number) =>
      (typeof which === "number"
        ? sql<Row>`DELETE FROM projection WHERE view = ${view} AND generation = ${which} RETURNING generation`
        : sql<Row>`DELETE FROM projection WHERE view = ${view} AND state = ${which} RETURNING generation`).pipe(
          Effect.map((rows) => rows.map(({ generation }) => generation))
        )
  }
})
