/**
 * Who can tell who is asking. Each kind of credential is one authority's: the node's own token, the tokens of a session, and whatever else will carry
 * rights. An authority says whose call it is; whether that one may make it is decided by the guard, in one place for all of them.
 */
import type { NotSignedIn, Unavailable } from "@vivim/contract/Refusal"
import type { Session } from "@vivim/contract/Session"
import type { Means } from "@vivim/event-schemas/session/Means"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** What came with a call. */
export interface Credentials {
  readonly authorization: string | undefined
  readonly actAs: string | undefined
  /** A DPoP proof. */
  readonly proof: string | undefined
  readonly method: string
  readonly path: string
  /** The RPC socket it came over; null for a request of its own. */
  readonly socket: number | null
  /** The network it came from, as far as it can be told. */
  readonly address: string
}

/** How surely it is known who is asking. */
export interface Surety {
  /** When they last showed who they are, by what their account asks for; null: never. */
  readonly shownAt: number | null
  /** By which means they can show it. */
  readonly means: ReadonlyArray<Means>
}

export interface Asker {
  readonly session: Session
  /** Somebody else vouched for them, and nothing of their own has been shown yet; `owing`: a second factor, which the account has. */
  readonly unproven?: { readonly owing: boolean }
  /** Read now: another process may know of it. Asked only where a call cannot be taken back. */
  readonly surety: Effect.Effect<Surety, Unavailable>
}

export interface Authority {
  /** Null for credentials of another kind; refuses those of its own kind that are not good. */
  readonly recognise: (credentials: Credentials) => Effect.Effect<Asker | null, NotSignedIn | Unavailable>
}

/** All authorities but the node's own token, in the order in which they are asked. */
export class Authorities
  extends Context.Tag("@vivim/node/Authority/Authorities")<Authorities, ReadonlyArray<Authority>>()
{}
