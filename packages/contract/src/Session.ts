/**
 * Who is asking. Every public call passes this guard; what a call needs is declared on it, and checked in one place.
 */
import * as RpcMiddleware from "@effect/rpc/RpcMiddleware"
import { DeviceId, Did, Handle } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import { NotAllowed, NotSignedIn } from "./Refusal.ts"

/** What a caller must be to make a call. `session`: signed in. `operator`: may run and audit this node. */
export type Needed = "session" | "operator"

/** The annotation by which each call declares what it needs. A call without it is refused. */
export class Needs extends Context.Tag("@vivim/contract/Session/Needs")<Needs, Needed>() {}

/** The caller, as the node established it: never read from a payload. */
export class Session extends Schema.Class<Session>("Session")({
  userId: Did,
  handle: Handle,
  device: Schema.NullOr(DeviceId),
  operator: Schema.Boolean
}) {}

export class CurrentSession extends Context.Tag("@vivim/contract/Session/CurrentSession")<CurrentSession, Session>() {}

/** Turns the `authorization: Bearer …` header of a call into a session, or refuses. */
export class SessionGuard extends RpcMiddleware.Tag<SessionGuard>()("@vivim/contract/SessionGuard", {
  provides: CurrentSession,
  failure: Schema.Union(NotSignedIn, NotAllowed)
}) {}
