/** Brings a database to the tables of this version (see PostgresTables.ts, M1 and M2). */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { EventStoreError } from "./EventStoreError.ts"
import * as PostgresSession from "./PostgresSession.ts"
import { locks, migrations } from "./PostgresTables.ts"

/** In one transaction under one lock: who comes second finds everything done, however long that took. */
export const migrate = (url: Redacted.Redacted<string>): Effect.Effect<void, EventStoreError> =>
  Effect.gen(function*() {
    const session = yield* PostgresSession.open(url, "migration", [], PostgresSession.unhurried)
    yield* session.ask({ text: `begin; select pg_advisory_xact_lock(${locks.space}, ${locks.migrate})` })
    yield* session.ask({
      text:
        "create table if not exists event_migration (number int primary key, name text not null, at timestamptz not null default now())"
    })
    const [row] = yield* session.ask({ text: "select coalesce(max(number), 0) from event_migration" })
    const done: number = row![0]
    if (done > migrations.length) {
      return yield* new PostgresSession.SessionError({
        message:
          `the database was written by a newer version of VIVIM (event tables ${done}, this version knows ${migrations.length})`,
        code: undefined
      })
    }
    for (const [i, { name, sql }] of migrations.entries()) {
      if (i < done) continue
      yield* session.ask({ text: sql })
      yield* session.ask({ text: "insert into event_migration (number, name) values ($1, $2)", values: [i + 1, name] })
    }
    yield* session.ask({ text: "commit" })
  }).pipe(Effect.scoped, PostgresSession.failing("bring its tables up to date"))
