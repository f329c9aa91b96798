/**
 * Who is asking. Every public call passes this guard; what a call needs is declared on it, and checked in one place.
 *
 * N1  Every call says what it needs; one that does not say is refused.
 * N2  A call that cannot be taken back asks for a fresh proof of who is asking.
 */
import * as RpcMiddleware from "@effect/rpc/RpcMiddleware"
import { DeviceId, Did, Handle } from "@vivim/event-schemas/ids"
import { SessionId } from "@vivim/event-schemas/session/Means"
import { Role } from "@vivim/event-schemas/standing/Role"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import { AccountNotActive, NotAllowed, NotSignedIn, StepUpNeeded, TooManyRequests, Unavailable } from "./Refusal.ts"

/** How often calls of a kind may be made: each kind has a bucket of its own, by account, device and address. */
export type Bucket = "default" | "search" | "import" | "export" | "challenge" | "token" | "refresh" | "signUp"

/** What a caller must be and have done to make a call. */
export interface Need {
  /** `user`: signed in, as anybody. An admin is everything. */
  readonly role: "user" | Role
  /** Who is asking must have shown so within the last minutes: for what cannot be taken back. */
  readonly stepUp?: true
  /** Changes whose account it is: whom a provider vouched for shows a device or a second factor before it. */
  readonly proven?: true
  /** May be asked before a second factor was shown, where one is wanted to be in at all. */
  readonly unproven?: true
  /** A suspended account may do it all the same: see itself, sign out, leave. */
  readonly whileSuspended?: true
  /** For users who hold no role: whoever does gives it back first, so that nobody leaves with it. */
  readonly withoutRoles?: true
  readonly bucket?: Bucket
}

/** `session`: signed in. `operator`: may run and audit this node. Whatever needs more says it in full. */
export type Needed = "session" | "operator" | Need

export const needOf = (needed: Needed): Need =>
  needed === "session" ? { role: "user" } : needed === "operator" ? { role: "operator" } : needed

/** The annotation by which each call declares what it needs. A call without it is refused. */
export class Needs extends Context.Tag("@vivim/contract/Session/Needs")<Needs, Needed>() {}

/** The caller, as the node established it: never read from a payload. */
export class Session extends Schema.Class<Session>("Session")({
  userId: Did,
  handle: Handle,
  device: Schema.NullOr(DeviceId),
  operator: Schema.Boolean,
  roles: Schema.optionalWith(Schema.Array(Role), { default: () => [] }),
  /** Null for who comes with something else than a session of the node. */
  sessionId: Schema.optionalWith(Schema.NullOr(SessionId), { default: () => null }),
  /** Holds the node's own token: whoever runs the node. */
  runsNode: Schema.optionalWith(Schema.Boolean, { default: () => false })
}) {}

export class CurrentSession extends Context.Tag("@vivim/contract/Session/CurrentSession")<CurrentSession, Session>() {}

/** What the guard may answer instead of letting a call in. */
export const Turned = Schema.Union(
  NotSignedIn,
  NotAllowed,
  AccountNotActive,
  StepUpNeeded,
  TooManyRequests,
  Unavailable
)
export type Turned = typeof Turned.Type

/** Turns the credentials of a call into a session, or refuses. */
export class SessionGuard extends RpcMiddleware.Tag<SessionGuard>()("@vivim/contract/SessionGuard", {
  provides: CurrentSession,
  failure: Turned
}) {}

/** Ends what is still being answered when its session is over, or its account may no longer ask it: a watch does not outlive them. */
export class SessionEnd extends RpcMiddleware.Tag<SessionEnd>()("@vivim/contract/SessionEnd", {
  failure: Turned,
  wrap: true
}) {}
