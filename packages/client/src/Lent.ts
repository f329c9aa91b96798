/**
 * Speaks to a node as the holder of a capability, without a session there: each call is signed by the holder, for once.
 *
 * ```ts
 * const headers = { authorization: yield* Lent.forCall("ReadMessages", asked, holder) }
 * const messages = yield* node.ReadMessages(asked, { headers })
 * ```
 *
 * A call that was made is never made again by itself: what its holder signed is good for one use.
 */
import { contentOf, Reachable } from "@vivim/contract/Reachable"
import { Vivim } from "@vivim/contract/Vivim"
import type { Sign } from "@vivim/crypto/capability/Envelope"
import * as Invocation from "@vivim/crypto/capability/Invocation"
import * as Token from "@vivim/crypto/capability/Token"
import type { Did } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Who holds the end of a chain, and signs with the key it was let to. */
export interface Holder {
  readonly did: Did
  readonly sign: Sign
  /** The chain as text: `Token.write`. */
  readonly chain: string
}

/** The capability cannot be used for this at all: the chain is none, or the call is for no capability. */
export class NotLendable extends Schema.TaggedError<NotLendable>()("NotLendable", { message: Schema.String }) {}

/** Seconds a use is good for: the node lets no more than a minute pass. */
const LIFE = 30

/** The value of the `authorization` header for one request. */
export const authorization = Effect.fn("Lent.authorization")(function*(
  { chain, did, sign }: Holder,
  command: string,
  request: Invocation.Request
) {
  const links = Token.read(chain)
  if (links === null) return yield* new NotLendable({ message: "this is no chain of capabilities" })
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
  const use = Invocation.make(
    { subject: links[0]!.issuer, command, chain: links.map(({ cid }) => cid), request, expires: now + LIFE },
    { issuer: did, sign, nonce: globalThis.crypto.getRandomValues(new Uint8Array(16)) }
  )
  return `Capability ${chain}.${Token.toText(use)}`
})

/** The same for an RPC, by its tag. */
export const forCall = (tag: string, payload: unknown, holder: Holder): Effect.Effect<string, NotLendable> => {
  const rpc = Vivim.requests.get(tag) as any
  const reach = Option.getOrNull(
    Context.getOption((rpc?.annotations ?? Context.empty()) as Context.Context<Reachable>, Reachable)
  )
  return reach === null
    ? Effect.fail(new NotLendable({ message: `${tag} is for no capability` }))
    : authorization(holder, reach.command, {
      resource: reach.resource(payload),
      call: tag,
      content: contentOf(rpc, payload)
    })
}

/** The same for a request over HTTP: `address` is the path with its query, `/api/v1/…`. */
export const forRequest = (
  request: { readonly method: string; readonly address: string; readonly body?: string },
  of: { readonly command: string; readonly resource: string },
  holder: Holder
): Effect.Effect<string, NotLendable> =>
  authorization(holder, of.command, {
    resource: of.resource,
    call: `${request.method} ${request.address}`,
    content: new TextEncoder().encode(request.body ?? "")
  })
