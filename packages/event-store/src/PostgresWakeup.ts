/**
 * Hears that the log has grown, whoever made it grow. A notification is only a hint; the truth is where the log stands, and that is
 * asked at every (re)connection and, slowly, in between: so a lost notification costs time, never an event.
 *
 * W1  It hears again after the database was away, without being asked.
 * W2  A connection that broke without a word is noticed by the next slow look.
 *
 * Own connection and own loop: `PgClient.listen` of @effect/sql-pg 0.53 stays deaf after a restart of the server.
 */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { readTail } from "./PostgresAppend.ts"
import * as PostgresSession from "./PostgresSession.ts"
import { channel } from "./PostgresTables.ts"

export interface WakeupOptions {
  readonly url: Redacted.Redacted<string>
  /** Between two looks, in milliseconds. */
  readonly lookMs: number
  readonly heard: (position: number) => void
}

const answerMsMax = 3_000
const againMs = 250

const session = ({ heard, lookMs, url }: WakeupOptions): Effect.Effect<void, PostgresSession.SessionError> =>
  Effect.gen(function*() {
    const session = yield* PostgresSession.open(url, "listener", [`listen ${channel}`])
    session.client.on("notification", ({ payload }) => heard(Number(payload)))
    const look = readTail(session).pipe(
      Effect.timeoutFail({ duration: answerMsMax, onTimeout: () => new PostgresSession.SessionError({ message: "no answer", code: undefined }) }),
      Effect.map(({ position }) => heard(position))
    )
    yield* Effect.raceFirst(Effect.repeat(look, Schedule.spaced(lookMs)), session.lost)
  }).pipe(Effect.scoped)

export const run = (options: WakeupOptions): Effect.Effect<never> =>
  session(options).pipe(Effect.ignore, Effect.zipRight(Effect.sleep(againMs)), Effect.forever)
