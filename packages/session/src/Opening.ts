/** How a session begins, and what it is carried on with. */
import type * as SqlClient from "@effect/sql/SqlClient"
import { type LimitExceeded, type NotAllowed, NotSignedIn, type Unavailable } from "@vivim/contract/Refusal"
import type { Tokens } from "@vivim/contract/SignIn"
import type { DeviceId, Did, Handle } from "@vivim/event-schemas/ids"
import type { Receipt } from "@vivim/event-schemas/Receipt"
import { type SessionEvent, SessionOpened } from "@vivim/event-schemas/session/index"
import { type Means, SessionId } from "@vivim/event-schemas/session/Means"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import * as AccessToken from "./AccessToken.ts"
import * as RefreshToken from "./RefreshToken.ts"
import type { SessionKey } from "./SessionKey.ts"
import type * as Tables from "./SessionTables.ts"

/** How long things last. */
export interface Times {
  readonly accessMax: Duration.DurationInput
  readonly idleMax: Duration.DurationInput
  readonly lifeMax: Duration.DurationInput
  readonly challengeMax: Duration.DurationInput
  readonly proofMax: Duration.DurationInput
  readonly graceMax: Duration.DurationInput
  readonly freshMax: Duration.DurationInput
}

/** Where a request came from, cut short. */
export interface From {
  readonly address: string
  readonly agent: string
}

/** Who opens a session, and by which key its client is known. */
export interface Opening {
  readonly userId: Did
  readonly handle: Handle
  readonly device: DeviceId | null
  readonly means: Means
  /** Of the user's means, the one that was shown: the session goes with it. */
  readonly meansId?: string
  readonly jkt: string
  readonly from: From
}

/** Keeps an event in the log of a user's sessions. */
export type Note = (
  userId: Did,
  event: SessionEvent
) => Effect.Effect<Receipt, NotAllowed | LimitExceeded | Unavailable>

/** What sessions stand on. */
export interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly key: SessionKey
  readonly times: Times
  readonly origins: ReadonlyArray<string>
  readonly note: Note
}

/** The same words, whatever is wrong. */
export const notOpened = () => new NotSignedIn({ message: "this does not open a session" })

type Carried = Pick<Tables.SessionRow, "session_id" | "user_id" | "handle" | "device_id" | "jkt" | "salt">

/** The tokens of a session, the refresh token being the one of this number. */
export const tokens = ({ key, times }: Ground, row: Carried, number: number, shownAt: number, now: number) => {
  const lastsMs = Duration.toMillis(times.accessMax)
  const claims = {
    sub: row.user_id,
    sid: row.session_id,
    handle: row.handle,
    device: row.device_id,
    auth_time: Math.floor(shownAt / 1_000),
    cnf: { jkt: row.jkt }
  }
  return Effect.map(AccessToken.make(key, claims, now, lastsMs), (accessToken): Tokens => ({
    sessionId: row.session_id,
    userId: row.user_id,
    handle: row.handle,
    accessToken,
    expiresInMs: lastsMs,
    refreshToken: RefreshToken.make(key, row.session_id, number, row.salt)
  }))
}

/** Opens a session for who has shown who they are. */
export const open = Effect.fnUntraced(function*(ground: Ground, opening: Opening) {
  const { device, from, handle, jkt, means, meansId = null, userId } = opening
  const { note, sql, times } = ground
  const now = yield* Clock.currentTimeMillis
  const sessionId = SessionId.make(randomBytes(16).toString("base64url"))
  const salt = new Uint8Array(randomBytes(16))
  const ends = now + Duration.toMillis(times.lifeMax)
  const carried = { session_id: sessionId, user_id: userId, handle, device_id: device, jkt, salt }
  yield* sql`
    INSERT INTO user_session ${
    sql.insert({
      ...carried,
      means,
      means_id: meansId,
      rotated_at: now,
      opened_at: now,
      seen_at: now,
      shown_at: now,
      factor_at: means === "passkey" ? now : null,
      expires_at: Math.min(ends, now + Duration.toMillis(times.idleMax)),
      ends_at: ends
    })
  }`
  // Whoever hears of it finds it; and nobody gets its tokens before the log knows of it: there is no session that nobody can see.
  yield* note(userId, SessionOpened({ userId, sessionId, deviceId: device, means, ...from })).pipe(
    Effect.onError(() => Effect.ignore(sql`DELETE FROM user_session WHERE session_id = ${sessionId}`))
  )
  return yield* tokens(ground, carried, 0, now, now)
})
