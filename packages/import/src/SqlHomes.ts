/**
 * Where imports' files lie, in the node's PostgreSQL. A process that has not been seen for a day is not waited for: its imports are
 * lost, and their owners told to bring the file again.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { Homes } from "./Homes.ts"

const SeenEvery = "1 minute"
/** A database that is away is waited for. */
const again = Schedule.exponential("200 millis").pipe(Schedule.union(Schedule.spaced("5 seconds")))
/** How soon a wish to stop is heard. */
const ListenEvery = "1 second"

const migrate = (sql: SqlClient.SqlClient) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7307, 0)`
    yield* sql`CREATE TABLE IF NOT EXISTS import_process (process text PRIMARY KEY, seen_at timestamptz NOT NULL)`
    yield* sql`
      CREATE TABLE IF NOT EXISTS import_home (
        import_id text PRIMARY KEY, process text NOT NULL, stop boolean NOT NULL DEFAULT false
      )`
  }))

/** `process` is this one's id. */
export const layer = (process: string): Layer.Layer<never, SqlError, SqlClient.SqlClient> =>
  Layer.scoped(
    Homes,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* migrate(sql)
      const seen = sql`
        INSERT INTO import_process (process, seen_at) VALUES (${process}, now())
        ON CONFLICT (process) DO UPDATE SET seen_at = now()`
      yield* seen
      yield* Effect.forkScoped(Effect.repeat(Effect.ignore(seen), Schedule.spaced(SeenEvery)))
      const patient = <A>(ask: Effect.Effect<A, SqlError>) => Effect.orDie(Effect.retry(ask, again))
      return {
        settle: (importId: string) =>
          Effect.asVoid(patient(sql`
            INSERT INTO import_home (import_id, process) VALUES (${importId}, ${process})
            ON CONFLICT (import_id) DO UPDATE SET process = ${process}`)),
        isElsewhere: (importId: string) =>
          patient(Effect.map(
            sql`SELECT 1 FROM import_home JOIN import_process USING (process)
              WHERE import_id = ${importId} AND process <> ${process} AND seen_at > now() - interval '1 day'`,
            (rows) => rows.length > 0
          )),
        stopElsewhere: (importId: string) =>
          patient(Effect.map(
            sql`UPDATE import_home SET stop = true WHERE import_id = ${importId} AND process <> ${process} RETURNING 1`,
            (rows) => rows.length > 0
          )),
        stopped: (importId: string) =>
          patient(sql`SELECT 1 FROM import_home WHERE import_id = ${importId} AND stop`).pipe(
            Effect.delay(ListenEvery),
            Effect.repeat({ until: (rows) => rows.length > 0 }),
            Effect.asVoid
          ),
        leave: (importId: string) => Effect.asVoid(patient(sql`DELETE FROM import_home WHERE import_id = ${importId}`))
      }
    })
  ) as Layer.Layer<never, SqlError, SqlClient.SqlClient>
