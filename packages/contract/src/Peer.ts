/** What this node keeps of other nodes: met, described, blocked. For operators. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { DisplayName, Millis, NodeAddress, PeerId, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, watch } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

export class NoSuchPeer extends Schema.TaggedError<NoSuchPeer>()("NoSuchPeer", { peerId: PeerId }) {}

const Addresses = Schema.Array(NodeAddress).pipe(Schema.maxItems(32))

export class PeerCommands extends RpcGroup.make(
  command("SeePeer", "POST /peers", "Note that a node was met", {
    payload: { peerId: PeerId, addresses: Addresses },
    refusals: Schema.Never,
    needs: "operator"
  }),
  command("DescribePeer", "PATCH /peers/:peerId", "Give a node a name and a note", {
    payload: { peerId: PeerId, name: DisplayName, note: Text.pipe(Schema.maxLength(4_000)) },
    refusals: Schema.Union(NoSuchPeer, NothingToChange),
    needs: "operator"
  }),
  command("BlockPeer", "POST /peers/:peerId/block", "Take nothing from this node any more", {
    payload: { peerId: PeerId, reason: Text.pipe(Schema.maxLength(1_024)) },
    refusals: Schema.Union(NoSuchPeer, NothingToChange),
    needs: "operator"
  }),
  command("UnblockPeer", "DELETE /peers/:peerId/block", "Listen to this node again", {
    payload: { peerId: PeerId },
    refusals: Schema.Union(NoSuchPeer, NothingToChange),
    needs: "operator"
  })
) {}

export const PeerAddress = Address.make({ kind: "peer", commands: PeerCommands, id: ({ peerId }) => peerId })

export class Peer extends Schema.Class<Peer>("Peer")({
  peerId: PeerId,
  name: Schema.NullOr(Schema.String),
  note: Schema.NullOr(Schema.String),
  addresses: Schema.Array(Schema.String),
  firstSeenAt: Millis,
  lastSeenAt: Millis,
  blocked: Schema.Boolean
}) {}

export class PeerViews extends RpcGroup.make(
  watch("WatchPeers", "GET /peers", "The nodes this one has met", {
    payload: {},
    success: Schema.Array(Peer),
    refusals: Schema.Never,
    needs: "operator"
  })
) {}
