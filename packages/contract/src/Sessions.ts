/** A user's sessions, what may open them, and what has been done with them: seen and ended by their user. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { DeviceId, DisplayName, Millis } from "@vivim/event-schemas/ids"
import { Means, SessionId } from "@vivim/event-schemas/session/Means"
import * as Schema from "effect/Schema"
import { query, watch } from "./Call.ts"
import { PasskeyAnswer } from "./Passkeys.ts"
import { NothingToChange, NotSignedIn } from "./Refusal.ts"
import { Answer } from "./SignIn.ts"

/** There is no such session, or it is not yours, or it is over. */
export class NoSuchSession extends Schema.TaggedError<NoSuchSession>()("NoSuchSession", { sessionId: SessionId }) {}
/** There is no such means to show who you are. */
export class NoSuchMeans extends Schema.TaggedError<NoSuchMeans>()("NoSuchMeans", { meansId: Schema.String }) {}

/** An open session. `address` and `agent` are where it was opened, cut short. */
export const OpenSession = Schema.Struct({
  sessionId: SessionId,
  device: Schema.NullOr(DeviceId),
  means: Means,
  openedAt: Millis,
  seenAt: Millis,
  expiresAt: Millis,
  address: Schema.String,
  agent: Schema.String,
  /** The one that asks. */
  isThis: Schema.Boolean
})
export type OpenSession = typeof OpenSession.Type

/** One entry of the user's own log of what was done with their sessions. */
export const SecurityEntry = Schema.Struct({
  position: Schema.Int,
  at: Millis,
  kind: Schema.Literal(
    "SessionOpened",
    "SessionEnded",
    "RefreshReused",
    "MeansAdded",
    "MeansRemoved",
    "CounterWentBack",
    "StoreKeyReplaced",
    "AccountExported"
  ),
  sessionId: Schema.NullOr(SessionId),
  device: Schema.NullOr(DeviceId),
  means: Schema.NullOr(Means),
  /** Why a session ended. */
  why: Schema.NullOr(Schema.String),
  address: Schema.NullOr(Schema.String),
  agent: Schema.NullOr(Schema.String)
})
export type SecurityEntry = typeof SecurityEntry.Type

/** A means to show who the user is, beside the keys of devices. */
export const OwnMeans = Schema.Struct({
  meansId: Schema.String,
  means: Means,
  name: Schema.String,
  addedAt: Millis,
  usedAt: Schema.NullOr(Millis),
  /** Of a passkey that gives a browser the keys of a device: which one. */
  device: Schema.NullOr(DeviceId)
})
export type OwnMeans = typeof OwnMeans.Type

const own = { role: "user", whileSuspended: true } as const
const Code = Schema.String.pipe(Schema.maxLength(64))

export class SessionViews extends RpcGroup.make(
  watch("WatchSessions", "GET /sessions", "Your open sessions", {
    payload: {},
    success: Schema.Array(OpenSession),
    refusals: Schema.Never,
    needs: own
  }),
  query("EndSession", "DELETE /sessions/:sessionId", "Sign one session out", {
    payload: { sessionId: SessionId },
    success: Schema.Struct({ ended: Schema.Int }),
    refusals: NoSuchSession,
    needs: { ...own, unproven: true }
  }),
  query("EndSessions", "POST /sessions/end", "Sign out everywhere; `others` leaves the session that asks", {
    payload: { others: Schema.optional(Schema.Boolean) },
    success: Schema.Struct({ ended: Schema.Int }),
    refusals: Schema.Never,
    needs: own
  }),
  watch("WatchSecurityLog", "GET /account/security", "What was done with your sessions, newest first", {
    payload: {},
    success: Schema.Array(SecurityEntry),
    refusals: Schema.Never,
    needs: own
  }),
  query("CountSecurity", "GET /security/counts", "How much of what was done with sessions here, by day (UTC)", {
    payload: { since: Schema.optional(Millis) },
    success: Schema.Array(Schema.Struct({ day: Schema.String, kind: Schema.String, count: Schema.Int })),
    refusals: Schema.Never,
    needs: "operator"
  }),
  query("StepUp", "POST /session/step-up", "Show again who you are, for what cannot be taken back", {
    payload: {
      means: Schema.Literal("device", "totp", "recovery-code", "passkey"),
      /** Of the authenticator, or one of the recovery codes. */
      code: Schema.optional(Code),
      /** Of a device: an answer to a challenge that was made for stepping up. */
      answer: Schema.optional(Answer),
      /** Of a passkey: the same, by an authenticator. */
      passkey: Schema.optional(PasskeyAnswer)
    },
    success: Schema.Struct({ until: Millis }),
    refusals: NotSignedIn,
    needs: { role: "user", whileSuspended: true, unproven: true, bucket: "token" }
  }),
  watch("WatchMeans", "GET /account/means", "How you can show who you are, beside the keys of your devices", {
    payload: {},
    success: Schema.Struct({ means: Schema.Array(OwnMeans), recoveryCodesLeft: Schema.Int }),
    refusals: Schema.Never,
    needs: own
  }),
  query(
    "BeginTotp",
    "POST /account/totp",
    "Have a secret for an authenticator made; it counts once a code confirms it",
    {
      payload: { name: DisplayName },
      success: Schema.Struct({ meansId: Schema.String, uri: Schema.String }),
      refusals: Schema.Never,
      needs: { role: "user", stepUp: true }
    }
  ),
  query(
    "ConfirmTotp",
    "POST /account/totp/:meansId",
    "Let an authenticator count; answers fresh recovery codes, once",
    {
      payload: { meansId: Schema.String, code: Code },
      success: Schema.Struct({ recoveryCodes: Schema.Array(Schema.String) }),
      refusals: Schema.Union(NoSuchMeans, NotSignedIn),
      needs: { role: "user", stepUp: true, bucket: "token" }
    }
  ),
  query("RemoveMeans", "DELETE /account/means/:meansId", "Let a means count no more", {
    payload: { meansId: Schema.String },
    success: Schema.Struct({ removed: Schema.Boolean }),
    refusals: Schema.Union(NoSuchMeans, NothingToChange),
    needs: { role: "user", stepUp: true }
  })
) {}
