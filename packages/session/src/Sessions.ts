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
import type { NotSignedIn, Unavailable } from "@vivim/contract/Refusal"
import type { Answer, Challenge, ChallengeAsked, Purpose, Tokens } from "@vivim/contract/SignIn"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { nodeItself } from "@vivim/event-schemas/ids"
import { RefreshReused } from "@vivim/event-schemas/session/index"
import type { Means, SessionId } from "@vivim/event-schemas/session/Means"
import type { EventStore } from "@vivim/event-store/EventStore"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as AccessToken from "./AccessToken.ts"
import * as Challenges from "./Challenge.ts"
import * as LiveSessions from "./LiveSessions.ts"
import { type From, type Ground, type Note, notOpened, open, type Opening, type Times, tokens } from "./Opening.ts"
import * as Proof from "./Proof.ts"
import * as RefreshToken from "./RefreshToken.ts"
import { rotate } from "./Rotation.ts"
import type { SessionKey } from "./SessionKey.ts"
import { SessionLogAddress } from "./SessionLog.ts"
import * as Tables from "./SessionTables.ts"

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
  ) => Weather<Proof.Proof | null>
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
  /** Which of these users have a session that goes on. */
  readonly signedIn: (userIds: ReadonlyArray<string>) => Weather<ReadonlySet<string>>
  /** The user of a session has shown again who they are. */
  readonly shown: (sessionId: SessionId, by: Means) => Weather<void>
  readonly note: Note
  readonly origins: ReadonlyArray<string>
  readonly key: SessionKey
}>() {}

/** How long what is over is kept, for whoever looks back. */
const KeptMs = 7 * 24 * 3_600_000

type Shape = Sessions["Type"]
const ms = Duration.toMillis

const isAnswered = ({ key, origins, sql, times }: Ground): Shape["isAnswered"] => (answer, expected) =>
  weatherproof(
    "look at the answer",
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const isRight = Challenges.isAnswered(key, answer, { ...expected, origins, now })
      // Also a wrong answer is kept for a while: it takes the time a right one takes.
      const what = `challenge ${answer.nonce}${isRight ? "" : " wrong"}`
      return (yield* Tables.spend(sql, what, now + ms(times.challengeMax))) && isRight
    })
  )

const prove = ({ origins, sql, times }: Ground): Shape["prove"] => (jws, { method, path, token }) =>
  weatherproof(
    "look at the proof",
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const urls = origins.map((origin) => origin + path)
      const proof = yield* Proof.read(jws, { method, urls, token, now, maxAgeMs: ms(times.proofMax) })
      return proof !== null && (yield* Tables.spend(sql, `proof ${proof.id}`, proof.until)) ? proof : null
    })
  )

const signIn = (ground: Ground): Shape["signIn"] => (answer, jkt, from, mayOpen) =>
  Effect.gen(function*() {
    const isRight = yield* isAnswered(ground)(answer, { purpose: "sign-in", bound: "" })
    const { deviceId: device, userId } = answer
    // Looked up whatever the answer was: the time it takes tells nothing.
    const handle = yield* weatherproof("look for the account", Tables.accountOf(ground.sql, userId, device))
    if (!isRight || handle === null) return yield* notOpened()
    yield* mayOpen
    return yield* weatherproof("open a session", open(ground, { userId, handle, device, means: "device", jkt, from }))
  })

const refresh = (ground: Ground, live: LiveSessions.LiveSessions): Shape["refresh"] => (refreshToken, jkt, from) =>
  weatherproof(
    "refresh the session",
    Effect.gen(function*() {
      const { key, note, sql, times } = ground
      const token = RefreshToken.parse(refreshToken)
      if (token === null) return yield* notOpened()
      const now = yield* Clock.currentTimeMillis
      const asked = { token, jkt, now, graceMs: ms(times.graceMax), idleMs: ms(times.idleMax) }
      const rotated = yield* rotate(sql, key, asked)
      if (rotated._tag === "none") return yield* notOpened()
      const { row } = rotated
      if (rotated._tag === "reused") {
        yield* live.end({ userId: row.user_id, sessionId: row.session_id }, "refresh-reused")
        yield* note(row.user_id, RefreshReused({ userId: row.user_id, sessionId: row.session_id, ...from }))
        return yield* notOpened()
      }
      if ((yield* live.find(row.session_id, true)) === null) return yield* notOpened()
      return yield* tokens(ground, row, rotated.number, Number(row.shown_at), now)
    }),
    ["NotSignedIn"]
  )

/** The user of a session has shown again who they are. */
const shown = ({ sql }: Ground, live: LiveSessions.LiveSessions): Shape["shown"] => (sessionId, by) =>
  weatherproof(
    "keep that you are you",
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      yield* by === "device" || by === "provider"
        ? sql`UPDATE user_session SET shown_at = ${now} WHERE session_id = ${sessionId}`
        : sql`UPDATE user_session SET shown_at = ${now}, factor_at = ${now} WHERE session_id = ${sessionId}`
      yield* live.find(sessionId, true)
    })
  )

/** Notes what happened by way of the actor whose log it is: in the user's name, but for what the node found out. */
const noteBy = Effect.map(
  ActorHost.client(SessionLogAddress),
  (ask): Note => (userId, event) =>
    Effect.flatMap(CommandIds.next, (commandId) =>
      ask("NoteSession", { commandId, userId, event }, {
        by: event._tag === "session.RefreshReused" ? nodeItself : userId,
        device: null
      }))
)

const clearing = (sql: SqlClient.SqlClient) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Tables.clear(sql, now, KeptMs)).pipe(
    Effect.catchAllCause((cause) => Effect.logWarning("what is over could not be cleared away", cause)),
    Effect.repeat(Schedule.spaced("1 minute"))
  )

const make = Effect.fnUntraced(function*(key: SessionKey, times: Times, origins: ReadonlyArray<string>) {
  const sql = yield* SqlClient.SqlClient
  yield* Tables.migrate(sql)
  const note = yield* noteBy
  const live = yield* LiveSessions.make(note, times.freshMax)
  const ground: Ground = { sql, key, times, origins, note }
  yield* Effect.forkScoped(clearing(sql))
  return Sessions.of({
    challenge: (asked, bound, origin) =>
      Effect.map(
        Clock.currentTimeMillis,
        (now) => Challenges.make(key, { ...asked, bound }, origin, now + ms(times.challengeMax))
      ),
    isAnswered: isAnswered(ground),
    prove: prove(ground),
    signIn: signIn(ground),
    open: (opening) => weatherproof("open a session", open(ground, opening)),
    refresh: refresh(ground, live),
    read: AccessToken.reader(key),
    find: (sessionId, anew) => weatherproof("look at the session", live.find(sessionId, anew)),
    ended: live.ended,
    signedIn: (userIds) =>
      weatherproof(
        "look who is signed in",
        Effect.flatMap(Clock.currentTimeMillis, (now) => Tables.signedIn(sql, userIds, now))
      ),
    end: (...which) => weatherproof("end the session", live.end(...which)),
    shown: shown(ground, live),
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
