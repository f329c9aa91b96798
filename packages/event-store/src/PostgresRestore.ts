/**
 * Brings a log back into a database whose log is empty: events as they were, with their positions, times and hashes.
 *
 * J1  A restored log is the log it was, byte for byte, and goes on where it ended: the next append takes the next position.
 * J2  Others see all of it at once, or nothing: whatever cuts the restore off leaves the log empty.
 * J3  A log that has events, and events that do not follow each other, are refused.
 *
 * All in one transaction, under the append lock: a node that stands on this database waits. The log's own id stays that of
 * the database: what is appended after a restore is another history than what the first log may have gone on with.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { RecordedEvent } from "./EventStore.ts"
import type { EventStoreError } from "./EventStoreError.ts"
import { byteaArray, int4Array, int8Array, textArray, uuidArray } from "./PostgresArrays.ts"
import { migrate } from "./PostgresMigration.ts"
import * as PostgresSession from "./PostgresSession.ts"
import { channel, locks } from "./PostgresTables.ts"

/** The log has events already, so many of them. */
export class LogNotEmpty extends Data.TaggedError("LogNotEmpty")<{ readonly events: number }> {}

/** A restore under way. Without `commit` nothing of it stays. */
export interface Restoring {
  /** Keeps events that follow the last ones: a page of them, since they travel as one statement. */
  readonly keep: (events: ReadonlyArray<RecordedEvent>) => Effect.Effect<void, EventStoreError>
  /** For what is to be there together with the log, or not at all. */
  readonly ask: (question: PostgresSession.Question) => Effect.Effect<PostgresSession.Rows, EventStoreError>
  readonly commit: Effect.Effect<void, EventStoreError>
}

const { failing } = PostgresSession

/** One transaction is all that this session is for: it may take its time. */
const settings = [
  "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set jit = off",
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
]

/** Begins, in the scope that ends it. Makes the tables if need be. */
export const begin = Effect.fn("PostgresRestore.begin")(function*(
  url: Redacted.Redacted<string>
): Effect.fn.Return<Restoring, EventStoreError | LogNotEmpty, Scope.Scope> {
  yield* migrate(url)
  const session = yield* failing("begin a restore")(PostgresSession.open(url, "restore", settings))
  const ask = (question: PostgresSession.Question) => failing("restore")(session.ask(question))
  yield* ask({ text: `begin; select pg_advisory_xact_lock(${locks.space}, ${locks.append})` })
  const [row] = yield* ask({
    text: "select last_position, (select count(*) from (select from event limit 1) e) from log"
  })
  const [position, events]: ReadonlyArray<number> = row!
  if (position !== 0 || events !== 0) return yield* new LogNotEmpty({ events: Math.max(position!, events!) })

  let last: RecordedEvent | null = null
  return {
    ask,
    keep: (events) =>
      Effect.suspend(() => {
        for (const event of events) {
          if (event.position !== (last?.position ?? 0) + 1) {
            return failing("restore")(
              new PostgresSession.SessionError({
                message: `position ${(last?.position ?? 0) + 1} is missing before ${event.position}`,
                code: "22023"
              })
            )
          }
          last = event
        }
        return events.length === 0 ? Effect.void : ask(insert(events))
      }),
    commit: Effect.gen(function*() {
      if (last !== null) {
        yield* ask({
          text: "update log set last_position = $1, last_hash = $2",
          values: [last.position, Buffer.from(last.hash)]
        })
        yield* ask({ text: `select pg_notify('${channel}', $1)`, values: [String(last.position)] })
      }
      yield* ask({ text: "commit" })
      // Plans for the first questions; should it fail, the database does it by itself before long.
      yield* Effect.ignore(ask({ text: "analyze event" }))
    })
  }
})

const insert = (events: ReadonlyArray<RecordedEvent>): PostgresSession.Question => ({
  name: "restore",
  text: `
    insert into event (position, version, at, event_id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private)
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[],
      $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[])`,
  values: [
    int8Array(events, ({ position }) => position),
    int8Array(events, ({ version }) => version),
    int8Array(events, ({ at }) => at),
    uuidArray(events, ({ id }) => id),
    int4Array(events, ({ schemaVersion }) => schemaVersion),
    textArray(events, ({ stream }) => stream),
    textArray(events, ({ type }) => type),
    textArray(events, ({ owner }) => owner),
    byteaArray(events, ({ previousHash }) => previousHash),
    byteaArray(events, ({ hash }) => hash),
    byteaArray(events, ({ meta }) => meta),
    byteaArray(events, ({ routing }) => routing),
    byteaArray(events, (event) => event.private)
  ]
})
