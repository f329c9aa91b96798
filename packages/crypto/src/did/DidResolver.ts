/**
 * From a DID to who may sign for it. `did:key` is computed, `did:vivim` folded from a log that proves itself, `did:web` fetched
 * through a guard.
 *
 * N1  What a resolver answers, the DID itself vouches for: a key, a log that folds, or the host that is named.
 * N2  Answers are remembered for a while, those that say no for a shorter one, and no more than so many; of several that ask at once
 *     one looks.
 * N3  What is no DID, or of another method, is refused without a look anywhere.
 */
import type { Did } from "@vivim/event-schemas/ids"
import * as Cache from "effect/Cache"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as DidKey from "../DidKey.ts"
import * as DidDocument from "./DidDocument.ts"
import * as DidWeb from "./DidWeb.ts"
import * as IdentityLog from "./IdentityLog.ts"
import * as Operation from "./Operation.ts"

/** `unsupported`: no method of ours. `gone`: nobody can sign for it any more. `unreachable`: not to be had just now. */
export class DidNotResolved extends Schema.TaggedError<DidNotResolved>()("DidNotResolved", {
  did: Schema.String,
  reason: Schema.Literal("unsupported", "notFound", "gone", "invalid", "unreachable")
}) {}

export interface Resolved {
  readonly did: string
  readonly document: DidDocument.DidDocument
  /** The log it was folded from, for a `did:vivim`. */
  readonly log: IdentityLog.IdentityLog | null
}

export class DidResolver extends Context.Tag("@vivim/crypto/did/DidResolver")<DidResolver, {
  readonly resolve: (did: string) => Effect.Effect<Resolved, DidNotResolved>
}>() {}

export interface Options {
  readonly verify: IdentityLog.Ground["verify"]
  /** The operations of an account, from wherever there is a log of it; null when there is none. They are believed for what they prove. */
  readonly operations: (did: Did) => Effect.Effect<ReadonlyArray<Uint8Array> | null, unknown>
  /** The JSON at an https address, through a guard; null: nothing is fetched. */
  readonly fetchJson: ((url: string) => Effect.Effect<unknown, unknown>) | null
  readonly remembered: {
    readonly max: number
    readonly for: Duration.DurationInput
    readonly noFor: Duration.DurationInput
  }
}

const not = (did: string, reason: DidNotResolved["reason"]) => Effect.fail(new DidNotResolved({ did, reason }))

const ofAccount = (did: Did, { operations, verify }: Options): Effect.Effect<Resolved, DidNotResolved> =>
  operations(did).pipe(
    Effect.catchAll(() => not(did, "unreachable")),
    Effect.flatMap((given) => {
      if (given === null) return not(did, "notFound")
      const { log } = IdentityLog.fold(did, given, { verify })
      if (log === null) return not(did, "invalid")
      const isClosed = Object.keys(log.head.devices).length === 0 && log.head.recovery.length === 0
      return isClosed ? not(did, "gone") : Effect.succeed({ did, document: DidDocument.ofAccount(log, {}), log })
    })
  )

const ofNode = (did: string, { fetchJson }: Options): Effect.Effect<Resolved, DidNotResolved> => {
  const url = DidWeb.documentUrl(did)
  if (url === null) return not(did, "invalid")
  if (fetchJson === null) return not(did, "unreachable")
  return fetchJson(url).pipe(
    Effect.catchAll(() => not(did, "unreachable")),
    Effect.flatMap((document) =>
      DidDocument.isOf(did, document) ? Effect.succeed({ did, document, log: null }) : not(did, "invalid")
    )
  )
}

const look = (did: string, options: Options): Effect.Effect<Resolved, DidNotResolved> => {
  const key = Option.getOrNull(DidKey.toEd25519(did))
  if (key !== null) return Effect.succeed({ did, document: DidDocument.ofKey(did, key), log: null })
  if (Operation.isDidVivim(did)) return ofAccount(did as Did, options)
  return did.startsWith("did:web:") ? ofNode(did, options) : not(did, "unsupported")
}

export const make = (options: Options): Effect.Effect<DidResolver["Type"]> =>
  Effect.map(
    Cache.makeWith({
      capacity: options.remembered.max,
      lookup: (did: string) => look(did, options),
      timeToLive: (exit) => Duration.decode(Exit.isSuccess(exit) ? options.remembered.for : options.remembered.noFor)
    }),
    (cache) => ({
      resolve: (did) => did.length > 300 ? not(did.slice(0, 300), "unsupported") : cache.get(did)
    })
  )

export const layer = (options: Options): Layer.Layer<DidResolver> => Layer.effect(DidResolver, make(options))
