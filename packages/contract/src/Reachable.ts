/**
 * Which calls may be made with a capability of the owner's instead of a session, and what it must say for that.
 * A call that does not declare it is refused to every capability.
 */
import type * as Rpc from "@effect/rpc/Rpc"
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"

export interface Reach {
  /** The command the capability must let its holder use: `/content/read`. */
  readonly command: string
  /** What the call is about, as a stream: the capability must be for it. */
  readonly resource: (payload: any) => string
}

/** The annotation by which a call says so. */
export class Reachable extends Context.Tag("@vivim/contract/Reachable")<Reachable, Reach>() {}

/** For calls about the conversation their `documentId` names. */
export const ofDocument = (command: string): Reach => ({
  command,
  resource: ({ documentId }: { readonly documentId: string }) => `document/${documentId}`
})

/** The bytes of a call's payload, as both ends write them: what the holder of a capability signs, and the node compares. */
export const contentOf = (rpc: Rpc.AnyWithProps, payload: unknown): Uint8Array =>
  Canonical.encode(JSON.parse(JSON.stringify(
    Schema.encodeUnknownSync(rpc.payloadSchema as unknown as Schema.Schema<unknown>)(payload)
  )))
