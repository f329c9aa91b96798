/**
 * A node is one process that is alone, or several that know of each other: never both at once on one database, for who is alone takes
 * for lost what others have in hand.
 *
 * O1  Who would be alone does not start beside others, nor do others beside one that is alone; either is told what to do.
 * O2  One that was killed is not waited for longer than it could still be at work.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { DatabaseUnusable } from "./NodeDatabase.ts"

/** A lone node says every 10 seconds that it is there. */
const LoneSilenceMax = Duration.seconds(25)

interface Kind {
  readonly table: "cluster_runners" | "vivim_runners"
  readonly silenceMax: Duration.DurationInput
  readonly message: string
}

/** Whether any of that kind was heard of lately. */
const isAtWork = (sql: SqlClient.SqlClient, { silenceMax, table }: Kind) =>
  Effect.gen(function*() {
    const [there] = yield* sql<{ readonly name: string | null }>`SELECT to_regclass(${table})::text AS name`
    if (there === undefined || there.name === null) return false
    const seconds = Duration.toSeconds(silenceMax)
    const found = yield* sql`
      SELECT 1 FROM ${sql(table)} WHERE last_heartbeat > now() - make_interval(secs => ${seconds}) LIMIT 1`
    return found.length > 0
  })

export const check = (isAlone: boolean, takeOverMax: Duration.DurationInput) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const other: Kind = isAlone
      ? {
        table: "vivim_runners",
        silenceMax: takeOverMax,
        message:
          "Several processes of this node are at work on the database: give this one a VIVIM_CLUSTER_ADDRESS too, or end them."
      }
      : {
        table: "cluster_runners",
        silenceMax: LoneSilenceMax,
        message:
          "A node that has no VIVIM_CLUSTER_ADDRESS is at work on the database: end it, and start it again with one."
      }
    const until = Duration.sum(other.silenceMax, "5 seconds")
    const waiting = Schedule.spaced("500 millis").pipe(Schedule.intersect(Schedule.recurUpTo(until)))
    const found = yield* Effect.repeat(isAtWork(sql, other), { while: (is) => is, schedule: waiting }).pipe(
      Effect.zipRight(isAtWork(sql, other)),
      Effect.mapError((cause) => new DatabaseUnusable({ message: `The database cannot be read: ${cause.message}.` }))
    )
    if (found) return yield* new DatabaseUnusable({ message: other.message })
  })
