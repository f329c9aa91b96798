/**
 * What an owner lets others do with a conversation: capabilities are signed by the owner's device, recorded here, counted with each
 * use, and taken back. Their form stands in `packages/crypto/src/capability`.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Cid, Did, DocumentId, Millis, StreamName, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, query, watch } from "./Call.ts"
import { ofDocument, Reachable } from "./Reachable.ts"
import { NothingToChange } from "./Refusal.ts"
import { Session } from "./Session.ts"

/** The caller is the holder of a capability: what it opens is done in the owner's name, and only that. */
export class LentSession extends Session.extend<LentSession>("LentSession")({ holder: Did, capability: Cid }) {}

/** The delegation cannot be recorded as it is; `message` says why. It is the owner's own: nothing is kept from them. */
export class NotDelegable extends Schema.TaggedError<NotDelegable>()("NotDelegable", { message: Schema.String }) {}

/** The capability opens nothing now. The reason is for the owner alone, and never leaves the node. */
export class CapabilityClosed extends Schema.TaggedError<CapabilityClosed>()("CapabilityClosed", {
  reason: Schema.String
}) {}

const Count = Schema.Int.pipe(Schema.nonNegative(), Schema.lessThanOrEqualTo(2 ** 31))
/** Numbers of which tests draw few, so that what was recorded is met by what is used. */
const few = <A, I>(schema: Schema.Schema<A, I>, ...numbers: ReadonlyArray<number>) =>
  schema.annotations({ arbitrary: () => (fc: any) => fc.constantFrom(...numbers) })
const UsesMax = Schema.NullOr(Count.pipe(Schema.positive()))
/** As capabilities travel: `Token.write` of the crypto room. */
const ChainText = Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{1,65536}$/))
const Label = Text.pipe(Schema.maxLength(256))

/** What the node itself tells the actor that keeps an owner's capabilities. Not a public door. */
export class CapabilityCommands extends RpcGroup.make(
  command("RecordCapability", "POST /capabilities/:ownerId/record", "The owner signed a capability", {
    payload: {
      ownerId: Did,
      cid: Cid,
      audience: Did,
      resource: StreamName,
      right: Schema.String.pipe(Schema.pattern(/^\/[a-z0-9/._-]{0,500}$/)),
      expiresAt: few(Millis, 2 ** 40),
      usesMax: UsesMax,
      epoch: few(Count, 0, 1),
      delegation: ChainText,
      label: Label
    },
    refusals: Schema.Union(NotDelegable, NothingToChange)
  }),
  command("RecordRevocation", "POST /capabilities/:ownerId/revocations", "A delegation is taken back", {
    payload: { ownerId: Did, cid: Cid, until: Millis },
    refusals: NothingToChange
  }),
  command("AdvanceEpoch", "POST /capabilities/:ownerId/epochs", "All that was let with one thing is taken back", {
    payload: { ownerId: Did, resource: StreamName },
    refusals: Schema.Never
  }),
  command("CountUse", "POST /capabilities/:ownerId/uses", "A capability is used: once, if it may be", {
    payload: {
      ownerId: Did,
      /** The chain, the owner's own first, with how often each may be used. */
      links: Schema.NonEmptyArray(Schema.Struct({ cid: Cid, usesMax: UsesMax })).pipe(Schema.maxItems(8)),
      holder: Did,
      resource: StreamName,
      call: Text.pipe(Schema.maxLength(4_096)),
      invocation: Cid,
      until: few(Millis, 50_000, 100_000)
    },
    refusals: CapabilityClosed
  })
) {}

export const CapabilityAddress = Address.make({
  kind: "capability",
  commands: CapabilityCommands,
  id: ({ ownerId }) => ownerId
})

/** A capability as its owner sees it. */
export class Capability extends Schema.Class<Capability>("Capability")({
  cid: Cid,
  audience: Did,
  resource: StreamName,
  right: Schema.String,
  label: Schema.String,
  mintedAt: Millis,
  expiresAt: Millis,
  usesMax: UsesMax,
  /** Of it and of all that hangs on it. */
  uses: Count,
  lastUsedAt: Schema.NullOr(Millis),
  revokedAt: Schema.NullOr(Millis),
  /** False when it was taken back together with all others for the same thing. */
  current: Schema.Boolean
}) {}

/** One use, by whoever held the end of the chain. */
export class CapabilityUse extends Schema.Class<CapabilityUse>("CapabilityUse")({
  cid: Cid,
  holder: Did,
  call: Schema.String,
  usedAt: Millis
}) {}

export class CapabilityDoors extends RpcGroup.make(
  command(
    "MintCapability",
    "POST /capabilities",
    "Record a capability that you signed: from now on it opens what it says",
    {
      payload: { chain: ChainText, label: Label },
      refusals: Schema.Union(NotDelegable, NothingToChange)
    }
  ),
  command("RevokeCapability", "DELETE /capabilities/:cid", "Take a capability back, with all that hangs on it", {
    payload: { cid: Cid },
    refusals: NothingToChange
  }),
  // Who holds a capability and passed it on takes that back with the capability: no session is needed for it.
  command("RevokeDelegation", "POST /conversations/:documentId/revocations", "Take back what you passed on", {
    payload: { documentId: DocumentId, chain: ChainText },
    refusals: Schema.Union(NotDelegable, NothingToChange)
  }).annotate(Reachable, ofDocument("/content/relay")),
  command("RevokeAll", "POST /conversations/:documentId/epoch", "Take back all capabilities for a conversation", {
    payload: { documentId: DocumentId },
    refusals: Schema.Never
  }),
  query("ReadEpoch", "GET /conversations/:documentId/epoch", "The epoch a capability for a conversation must name", {
    payload: { documentId: DocumentId },
    success: Schema.Struct({ epoch: Count }),
    refusals: Schema.Never
  }),
  watch("WatchCapabilities", "GET /capabilities", "What you let others do, newest first", {
    payload: {},
    success: Schema.Array(Capability),
    refusals: Schema.Never
  }),
  watch("WatchCapabilityUses", "GET /capabilities/:cid/uses", "Its last uses, newest first", {
    payload: { cid: Cid },
    success: Schema.Array(CapabilityUse),
    refusals: Schema.Never
  })
) {}
