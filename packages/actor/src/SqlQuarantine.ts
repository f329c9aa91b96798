/** Whose actors stand still, noted in the node's PostgreSQL: what one process has met, any other can ask after. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Quarantine from "./Quarantine.ts"

/** A database that is away is waited for. */
const again = Schedule.exponential("200 millis").pipe(Schedule.union(Schedule.spaced("5 seconds")))

const migrate = (sql: SqlClient.SqlClient) =>
  sql.withTransaction(Effect.zipRight(
    sql`SELECT pg_advisory_xact_lock(7302, 5)`,
    sql`CREATE TABLE IF NOT EXISTS quarantined (stream text COLLATE "C" PRIMARY KEY)`
  ))

/** Notes are written behind: nobody who meets such an actor waits for it. */
const notes = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, listedMax: number) {
  const stands = new Map<string, boolean>()
  const changed = yield* Effect.makeLatch(false)
  const mark = (isStill: boolean) => (stream: string) => {
    stands.set(stream, isStill)
    changed.unsafeOpen()
  }
  const write = (stream: string, isStill: boolean) =>
    isStill
      ? sql`INSERT INTO quarantined (stream) VALUES (${stream}) ON CONFLICT DO NOTHING`
      : sql`DELETE FROM quarantined WHERE stream = ${stream}`
  const flush = Effect.suspend(() => {
    changed.unsafeClose()
    const now = [...stands]
    stands.clear()
    return Effect.forEach(now, ([stream, isStill]) => Effect.retry(write(stream, isStill), again), { discard: true })
  })
  yield* changed.await.pipe(
    Effect.zipRight(flush),
    Effect.catchAllCause((cause) => Effect.logWarning("who stands still could not be noted", cause)),
    Effect.forever,
    Effect.forkScoped
  )
  return {
    note: mark(true),
    strike: mark(false),
    streams: sql<{ readonly stream: string }>`SELECT stream FROM quarantined ORDER BY stream LIMIT ${listedMax}`.pipe(
      Effect.map((rows) => rows.map(({ stream }) => stream)),
      // What this process has met itself can still be told.
      Effect.catchAll((cause) => Effect.as(Effect.logWarning("what other processes met is not known", cause), []))
    )
  } satisfies Quarantine.Notes
})

export const layer = (listedMax: number): Layer.Layer<never, SqlError, SqlClient.SqlClient> =>
  Layer.scoped(
    Quarantine.Quarantine,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* migrate(sql)
      return Quarantine.make(listedMax, yield* notes(sql, listedMax))
    })
  )
