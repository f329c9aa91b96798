/**
 * Sessions of this node: opened by an answer that a device signed, or by another means; carried on by tokens that are of no use without the
 * key of their client; ended by their user, by what goes from under them, or by a token that two have.
 *
 * S1  An answer opens one session, once, for a device that may act for its account; whatever is wrong is answered in the same words.
 * S2  A refresh token is good once. Whoever asks twice within the grace gets the same successor; one that comes later ends its session.
 * S3  Tokens and proofs belong together: neither is of use with the other of somebody else.
 * S4  A session that is ended is over for all processes of the node.
 */
import type { Sharding } from "@effect/cluster/Sharding"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as ActorHost from "@vivim/actor/ActorHost"
import { type LimitExceeded, type NotAllowed, NotSignedIn, type Unavailable } from "@vivim/contract/Refusal"
import type { Answer, Challenge, ChallengeAsked, Purpose, Tokens } from "@vivim/contract/SignIn"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { type DeviceId, type Did, type Handle, nodeItself } from "@vivim/event-schemas/ids"
import type { Receipt } from "@vivim/event-schemas/Receipt"
import { RefreshReused, type SessionEvent, SessionOpened } from "@vivim/event-schemas/session/index"
import { type Means, SessionId } from "@vivim/event-schemas/session/Means"
import type { EventStore } from "@vivim/event-store/EventStore"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { randomBytes } from "node:crypto"
import * as AccessToken from "./AccessToken.ts"
import * as Challenges from "./Challenge.ts"
import * as LiveSessions from "./LiveSessions.ts"
import * as Proofs from "./Proof.ts"
import * as RefreshToken from "./RefreshToken.ts"
import { rotate } from "./Rotation.ts"
import type { SessionKey } from "./SessionKey.ts"
import { SessionLogAddress } from "./SessionLog.ts"
import * as Tables from "./SessionTables.ts"

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
  readonly jkt: string
  readonly from: From
}

/** Keeps an event in the log of a user's sessions. */
export type Note = (
  userId: Did,
  event: SessionEvent
) => Effect.Effect<Receipt, NotAllowed | LimitExceeded | Unavailable>

type Weather<A, E = never> = Effect.Effect<A, E | Unavailable>

export class Sessions extends Context.Tag("@vivim/session/Sessions")<Sessions, {
  readonly challenge: (asked: ChallengeAsked, bound: string, origin: string) => Effect.Effect<Challenge>
  /** Whether an answer is right; it is used up by asking. */
  readonly isAnswered: (
    answer: Answer,
    expected: { readonly purpose: Purpose; readonly bound: string }
  ) => Weather<boolean>
  /** What a proof shows, or null; it is used up by asking. */
  readonly prove: (
    jws: string | undefined,
    about: { readonly method: string; readonly path: string; readonly token: string | null }
  ) => Weather<Proofs.Proof | null>
  readonly signIn: <E extends { readonly _tag: string }>(
    answer: Answer,
    jkt: string,
    from: From,
    mayOpen: Effect.Effect<void, E>
  ) => Weather<Tokens, NotSignedIn | E>
  /** For whoever has shown who they are in another way. */
  readonly open: (opening: Opening) => Weather<Tokens>
  readonly refresh: (refreshToken: string, jkt: string, from: From) => Weather<Tokens, NotSignedIn>
  /** What an access token of this node says, whether or not its session goes on. */
  readonly read: (accessToken: string) => Effect.Effect<AccessToken.Claims | null>
  readonly find: (sessionId: SessionId, anew?: boolean) => Weather<LiveSessions.Row | null>
  readonly ended: (sessionId: SessionId) => Effect.Effect<void>
  readonly end: (...which: Parameters<LiveSessions.LiveSessions["end"]>) => Weather<number>
  /** The user of a session has shown again who they are. */
  readonly shown: (sessionId: SessionId, by: Means) => Weather<void>
  readonly note: Note
  readonly origins: ReadonlyArray<string>
  readonly key: SessionKey
}>() {}

/** The same words, whatever is wrong. */
export const notOpened = () => new NotSignedIn({ message: "this does not open a session" })

/** How long what is over is kept, for whoever looks back. */
const KeptMs = 7 * 24 * 3_600_000

const make = Effect.fnUntraced(function*(key: SessionKey, times: Times, origins: ReadonlyArray<string>) {
  const sql = yield* SqlClient.SqlClient
  yield* Tables.migrate(sql)
  const ask = yield* ActorHost.client(SessionLogAddress)
  const note: Note = (userId, event) =>
    Effect.flatMap(
      CommandIds.next,
      (commandId) =>
        ask("NoteSession", { commandId, userId, event }, {
          by: event._tag === "session.RefreshReused" ? nodeItself : userId,
          device: null
        })
    )
  const live = yield* LiveSessions.make(note, times.freshMax)
  const ms = Duration.toMillis
  const read = AccessToken.reader(key)

  const tokens = (
    row: Pick<Tables.SessionRow, "session_id" | "user_id" | "handle" | "device_id" | "jkt" | "salt">,
    number: number,
    shownAt: number,
    now: number
  ) =>
    Effect.map(
      AccessToken.make(
        key,
        {
          sub: row.user_id,
          sid: row.session_id,
          handle: row.handle,
          device: row.device_id,
          auth_time: Math.floor(shownAt / 1_000),
          cnf: { jkt: row.jkt }
        },
        now,
        ms(times.accessMax)
      ),
      (accessToken): Tokens => ({
        sessionId: row.session_id,
        userId: row.user_id,
        handle: row.handle,
        accessToken,
        expiresInMs: ms(times.accessMax),
        refreshToken: RefreshToken.make(key, row.session_id, number, row.salt)
      })
    )

  const open = Effect.fnUntraced(function*({ device, from, handle, jkt, means, userId }: Opening) {
    const now = yield* Clock.currentTimeMillis
    const sessionId = SessionId.make(randomBytes(16).toString("base64url"))
    const salt = new Uint8Array(randomBytes(16))
    // The log knows of it first: there is no session that nobody can see.
    const { position } = yield* note(userId, SessionOpened({ userId, sessionId, deviceId: device, means, ...from }))
    const ends = now + ms(times.lifeMax)
    yield* sql`
      INSERT INTO user_session ${
      sql.insert({
        session_id: sessionId,
        user_id: userId,
        handle,
        device_id: device,
        jkt,
        means,
        salt,
        rotated_at: now,
        opened_at: now,
        opened_position: position,
        seen_at: now,
        shown_at: now,
        factor_at: means === "passkey" ? now : null,
        expires_at: Math.min(ends, now + ms(times.idleMax)),
        ends_at: ends
      })
    }`
    return yield* tokens({ session_id: sessionId, user_id: userId, handle, device_id: device, jkt, salt }, 0, now, now)
  })

  const isAnswered: Sessions["Type"]["isAnswered"] = (answer, expected) =>
    weatherproof(
      "look at the answer",
      Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        const isRight = Challenges.isAnswered(key, answer, { ...expected, origins, now })
        // Also a wrong answer is kept for a while: it takes the time a right one takes.
        const isFirst = yield* Tables.spend(
          sql,
          `challenge ${answer.nonce}${isRight ? "" : " wrong"}`,
          now + ms(times.challengeMax)
        )
        return isRight && isFirst
      })
    )

  const signIn: Sessions["Type"]["signIn"] = (answer, jkt, from, mayOpen) =>
    Effect.gen(function*() {
      const isRight = yield* isAnswered(answer, { purpose: "sign-in", bound: "" })
      const { deviceId: device, userId } = answer
      // Looked up whatever the answer was: the time it takes tells nothing.
      const handle = yield* weatherproof("look for the account", Tables.accountOf(sql, userId, device))
      if (!isRight || handle === null) return yield* notOpened()
      yield* mayOpen
      return yield* weatherproof("open a session", open({ userId, handle, device, means: "device", jkt, from }))
    })

  const refresh = Effect.fnUntraced(function*(refreshToken: string, jkt: string, from: From) {
    const token = RefreshToken.parse(refreshToken)
    if (token === null) return yield* notOpened()
    const now = yield* Clock.currentTimeMillis
    const rotated = yield* rotate(sql, key, { token, jkt, now, graceMs: ms(times.graceMax), idleMs: ms(times.idleMax) })
    if (rotated._tag === "none") return yield* notOpened()
    const { row } = rotated
    if (rotated._tag === "reused") {
      yield* live.end({ userId: row.user_id, sessionId: row.session_id }, "refresh-reused")
      yield* note(row.user_id, RefreshReused({ userId: row.user_id, sessionId: row.session_id, ...from }))
      return yield* notOpened()
    }
    if ((yield* live.find(row.session_id, true)) === null) return yield* notOpened()
    return yield* tokens(row, rotated.number, Number(row.shown_at), now)
  })

  yield* Effect.forkScoped(
    Effect.flatMap(Clock.currentTimeMillis, (now) => Tables.clear(sql, now, KeptMs)).pipe(
      Effect.catchAllCause((cause) => Effect.logWarning("what is over could not be cleared away", cause)),
      Effect.repeat(Schedule.spaced("1 minute"))
    )
  )

  return Sessions.of({
    challenge: (asked, bound, origin) =>
      Effect.map(
        Clock.currentTimeMillis,
        (now) => Challenges.make(key, { ...asked, bound }, origin, now + ms(times.challengeMax))
      ),
    isAnswered,
    prove: (jws, about) =>
      weatherproof(
        "look at the proof",
        Effect.gen(function*() {
          const now = yield* Clock.currentTimeMillis
          const proof = yield* Proofs.read(jws, {
            method: about.method,
            urls: origins.map((origin) => origin + about.path),
            token: about.token,
            now,
            maxAgeMs: ms(times.proofMax)
          })
          return proof !== null && (yield* Tables.spend(sql, `proof ${proof.id}`, proof.until)) ? proof : null
        })
      ),
    signIn,
    open: (opening) => weatherproof("open a session", open(opening)),
    refresh: (token, jkt, from) =>
      weatherproof("refresh the session", refresh(token, jkt, from), [
        "NotSignedIn"
      ]),
    read,
    find: (sessionId, anew) => weatherproof("look at the session", live.find(sessionId, anew)),
    ended: live.ended,
    end: (...which) => weatherproof("end the session", live.end(...which)),
    shown: (sessionId, by) =>
      weatherproof(
        "keep that you are you",
        Effect.gen(function*() {
          const now = yield* Clock.currentTimeMillis
          yield* by === "device" || by === "provider"
            ? sql`UPDATE user_session SET shown_at = ${now} WHERE session_id = ${sessionId}`
            : sql`UPDATE user_session SET shown_at = ${now}, factor_at = ${now} WHERE session_id = ${sessionId}`
          yield* live.find(sessionId, true)
        })
      ),
    note,
    origins,
    key
  })
})

export const layer = (
  key: SessionKey,
  times: Times,
  /** What the node is reached by: `https://vivim.example`. The first is the one it tells. */
  origins: readonly [string, ...Array<string>]
): Layer.Layer<Sessions, SqlError, SqlClient.SqlClient | EventStore | Sharding> =>
  Layer.scoped(Sessions, make(key, times, origins))
