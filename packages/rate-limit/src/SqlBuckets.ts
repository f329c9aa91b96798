/**
 * Buckets in the node's PostgreSQL, for all its processes: one statement to take, by the clock of the database. The table is not logged: it is
 * cheap, and a database that crashed begins with full buckets. Names are digests: whose bucket it is does not stand here.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { createHash } from "node:crypto"
import { Buckets, BucketsAway, waitOf } from "./Buckets.ts"

type Sql = SqlClient.SqlClient

const migrate = (sql: Sql) =>
  sql.withTransaction(Effect.zipRight(
    sql`SELECT pg_advisory_xact_lock(7307, 1)`,
    sql`
      CREATE UNLOGGED TABLE IF NOT EXISTS rate_bucket (
        key text COLLATE "C" PRIMARY KEY, tokens double precision NOT NULL, granted double precision NOT NULL,
        at double precision NOT NULL, full_at double precision NOT NULL
      )`
  ))

const now = `(extract(epoch FROM clock_timestamp()) * 1000)`
const [burst, perMs, wanted] = ["$2::double precision", "$3::double precision", "$4::double precision"]
const present = `least(${burst}, b.tokens + greatest(0, n.now - b.at) * ${perMs})`
const granted = `least(${wanted}, floor(${present}))`

const take = `
  WITH n AS MATERIALIZED (SELECT ${now}::double precision AS now)
  INSERT INTO rate_bucket AS b (key, tokens, granted, at, full_at)
  SELECT $1::text, ${burst} - least(${wanted}, ${burst}), least(${wanted}, ${burst}), n.now,
    n.now + least(${wanted}, ${burst}) / ${perMs} FROM n
  ON CONFLICT (key) DO UPDATE SET (tokens, granted, at, full_at) = (
    SELECT ${present} - ${granted}, ${granted}, greatest(b.at, n.now), n.now + (${burst} - ${present} + ${granted}) / ${perMs} FROM n
  )
  RETURNING granted, tokens`

const keyOf = (name: string) => createHash("sha256").update(name).digest("base64url").slice(0, 22)

export const layer: Layer.Layer<Buckets, SqlError, SqlClient.SqlClient> = Layer.scoped(
  Buckets,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* migrate(sql)
    // A bucket that is full again is as one that never was.
    yield* Effect.forkScoped(
      sql.unsafe(`DELETE FROM rate_bucket WHERE full_at < ${now}`).pipe(
        Effect.catchAllCause((cause) => Effect.logWarning("full buckets could not be cleared away", cause)),
        Effect.repeat(Schedule.spaced("1 minute"))
      )
    )
    return Buckets.of({
      take: (name, rate, wanted) =>
        sql.unsafe<{ readonly granted: number; readonly tokens: number }>(take, [
          keyOf(name),
          rate.burst,
          rate.perMinute / 60_000,
          wanted
        ]).pipe(
          Effect.map(([row]) => ({
            granted: row!.granted,
            waitMs: row!.granted > 0 ? 0 : waitOf(row!.tokens, rate)
          })),
          Effect.mapError((cause) => new BucketsAway({ cause }))
        )
    })
  })
)
