/**
 * Answers users about their sessions and means.
 *
 * E1  Everybody sees and ends their own sessions, and nobody else's; operators see how much was done, never where from.
 * E2  Who steps up shows it by what their account has: a second factor where there is one.
 */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import type { PasskeyAnswer } from "@vivim/contract/Passkeys"
import { NotSignedIn } from "@vivim/contract/Refusal"
import { type Session, SessionGuard } from "@vivim/contract/Session"
import { NoSuchSession, type OpenSession, SessionViews } from "@vivim/contract/Sessions"
import type { Answer } from "@vivim/contract/SignIn"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { SessionId } from "@vivim/event-schemas/session/Means"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import type * as Reference from "@vivim/projection/Reference"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Means from "./OwnMeans.ts"
import { Passkeys } from "./Passkeys.ts"
import * as Security from "./SecurityView.ts"
import { Sessions } from "./Sessions.ts"
import * as Tables from "./SessionTables.ts"

const open = Effect.fnUntraced(function*({ sessionId, userId }: Session) {
  const sql = yield* SqlClient.SqlClient
  const now = yield* Clock.currentTimeMillis
  const rows = yield* sql<Tables.SessionRow & { readonly opened_position: string | null }>`
    SELECT s.*, e.position AS opened_position FROM user_session s
    LEFT JOIN registry.security_entry e
      ON e.user_id = s.user_id AND e.session_id = s.session_id AND e.kind = 'SessionOpened'
    WHERE s.user_id = ${userId} AND s.ended_at IS NULL AND s.expires_at > ${now} ORDER BY s.opened_at DESC`
  return yield* Effect.forEach(
    rows,
    (row) =>
      // Until the view has come to the event, where from is not known.
      Effect.map(row.opened_position === null ? Effect.succeed(null) : Security.fromOf(Number(row.opened_position)), (
        from
      ): OpenSession => ({
        sessionId: row.session_id,
        device: row.device_id,
        means: row.means,
        openedAt: Number(row.opened_at),
        seenAt: Number(row.seen_at),
        expiresAt: Number(row.expires_at),
        address: from?.address ?? "",
        agent: from?.agent ?? "",
        isThis: row.session_id === sessionId
      }))
  )
})

const notShown = () => new NotSignedIn({ message: "this does not show who you are" })

interface SteppingUp {
  readonly means: "device" | "totp" | "recovery-code" | "passkey"
  readonly code?: string | undefined
  readonly answer?: Answer | undefined
  readonly passkey?: PasskeyAnswer | undefined
}

interface SteppingUpGround extends Means.MeansGround {
  readonly sessions: Sessions["Type"]
  readonly passkeys: Passkeys["Type"]
}

/** A session a device opened is confirmed by that one; any other by whichever device acts for its account. */
const isDeviceOf = (sql: SqlClient.SqlClient, device: Session["device"], { deviceId, userId }: Answer) =>
  device === null
    ? Effect.map(Tables.accountOf(sql, userId, deviceId), (handle) => handle !== null)
    : Effect.succeed(deviceId === device)

/** Whether what is shown is this session's user's. */
const isShown = (
  { passkeys, sessions, ...ground }: SteppingUpGround,
  { device, userId }: Session,
  sessionId: SessionId,
  { answer, code, means, passkey }: SteppingUp
) => {
  const use = { purpose: "step-up", bound: sessionId } as const
  const none = Effect.succeed(false)
  switch (means) {
    case "device":
      return answer?.userId !== userId ? none : Effect.flatMap(
        isDeviceOf(ground.sql, device, answer),
        (is) => is ? sessions.isAnswered(answer, use) : none
      )
    case "passkey":
      return passkey === undefined ? none : Effect.map(passkeys.answered(passkey, use), (own) => own?.userId === userId)
    default:
      return code === undefined ? none : Means.show(ground, userId, means, code)
  }
}

/** Steps a session up, and answers until when it stands. */
const stepUp = (ground: SteppingUpGround, lasts: Duration.DurationInput) =>
  Effect.fnUntraced(function*(session: Session, asked: SteppingUp) {
    const { sessionId } = session
    if (sessionId === null || !(yield* isShown(ground, session, sessionId, asked))) return yield* notShown()
    yield* ground.sessions.shown(sessionId, asked.means)
    return { until: (yield* Clock.currentTimeMillis) + Duration.toMillis(lasts) }
  })

type Ground = SqlClient.SqlClient | Reference.Needs
const Doors = SessionViews.middleware(SessionGuard)

export const handlers = (
  stepUpMax: Duration.DurationInput
): Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Ground | PayloadCipher | Passkeys | Reactivity.Reactivity | Sessions
> =>
  Doors.toLayer(Effect.gen(function*() {
    const sessions = yield* Sessions
    const ground = {
      sql: yield* SqlClient.SqlClient,
      cipher: yield* PayloadCipher,
      note: sessions.note
    }
    const { query, watch } = yield* Doorway.open<Ground>()
    const step = stepUp({ ...ground, sessions, passkeys: yield* Passkeys }, stepUpMax)
    const watched =
      <A, E extends { readonly _tag: string }>(doing: string, ask: (session: Session) => Effect.Effect<A, E, Ground>) =>
      () => watch((session) => ({ keys: [Security.keyOf(session.userId)], ask: weatherproof(doing, ask(session)) }))
    return {
      WatchSessions: watched("read your sessions", open),
      WatchSecurityLog: watched("read what was done with your sessions", ({ userId }) => Security.entries(userId)),
      WatchMeans: watched("read your means", ({ userId }) => Means.list(ground, userId)),
      CountSecurity: ({ since }) => query(() => weatherproof("count", Security.counts(since ?? 0))),
      EndSession: ({ sessionId }) =>
        query(({ userId }) =>
          Effect.flatMap(
            sessions.end({ userId, sessionId }, "signed-out"),
            (ended) => ended === 0 ? Effect.fail(new NoSuchSession({ sessionId })) : Effect.succeed({ ended })
          )
        ),
      EndSessions: ({ others }) =>
        query(({ sessionId, userId }) =>
          Effect.map(
            sessions.end({ userId, except: others === true ? sessionId : null }, "signed-out-everywhere"),
            (ended) => ({ ended })
          )
        ),
      StepUp: (asked) =>
        query((session) => weatherproof("look at what you show", step(session, asked), ["NotSignedIn"])),
      BeginTotp: ({ name }) =>
        query(({ handle, userId }) => weatherproof("make a secret", Means.beginTotp(ground, userId, name, handle))),
      ConfirmTotp: ({ code, meansId }) =>
        query(({ userId }) =>
          weatherproof("confirm the authenticator", Means.confirmTotp(ground, userId, meansId, code), [
            "NoSuchMeans",
            "NotSignedIn"
          ])
        ),
      RemoveMeans: ({ meansId }) =>
        query(({ userId }) =>
          weatherproof(
            "remove the means",
            Effect.zipLeft(Means.remove(ground, userId, meansId), sessions.end({ userId, meansId }, "signed-out")),
            ["NoSuchMeans"]
          )
        )
    }
  }))
