/** The nodes this one has met, for its operators. Names and notes stay sealed in the event that gave them. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import { Peer, PeerViews } from "@vivim/contract/Peer"
import { SessionGuard } from "@vivim/contract/Session"
import type { PeerId } from "@vivim/event-schemas/ids"
import { PeerEvents } from "@vivim/event-schemas/peer/index"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Reference from "@vivim/projection/Reference"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

const { patch, put } = RegistryView

export const PeerView = RegistryView.make({
  name: "peers",
  version: 1,
  reads: PeerEvents,
  tables: {
    peer: {
      key: ["peer_id"],
      columns: {
        peer_id: "text",
        addresses: "text[]",
        first_seen_at: "bigint",
        last_seen_at: "bigint",
        described_at: "bigint",
        blocked: "boolean"
      }
    }
  },
  on: {
    "peer.PeerSeen": ({ addresses, peerId }, { at, version }) => [
      // A node must be met before anything else is said of it, so the first event of its stream is the first meeting.
      put("peer", { peer_id: peerId, addresses, last_seen_at: at, ...version === 1 ? { first_seen_at: at } : {} })
    ],
    "peer.PeerDescribed": (
      { peerId },
      { position }
    ) => [patch("peer", { peer_id: peerId }, { described_at: position })],
    "peer.PeerBlocked": ({ peerId }) => [patch("peer", { peer_id: peerId }, { blocked: true })],
    "peer.PeerUnblocked": ({ peerId }) => [patch("peer", { peer_id: peerId }, { blocked: false })]
  },
  touches: () => ["peers"]
})

interface Row {
  readonly peer_id: PeerId
  readonly addresses: ReadonlyArray<string>
  readonly first_seen_at: string
  readonly last_seen_at: string
  readonly described_at: string | null
  readonly blocked: boolean | null
}

type Ground = SqlClient.SqlClient | Reference.Needs
const Doors = PeerViews.middleware(SessionGuard)

const all = Effect.fn("PeerView.all")(function*() {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`SELECT * FROM registry.peer ORDER BY last_seen_at DESC, peer_id`
  return yield* Effect.forEach(rows, (row) =>
    Effect.map(
      row.described_at === null ? Effect.succeed(null) : Reference.open(PeerEvents, Number(row.described_at)),
      (described) => {
        const told = described?._tag === "peer.PeerDescribed" ? described : null
        return new Peer({
          peerId: row.peer_id,
          name: told?.name ?? null,
          note: told?.note ?? null,
          addresses: row.addresses,
          firstSeenAt: Number(row.first_seen_at),
          lastSeenAt: Number(row.last_seen_at),
          blocked: row.blocked === true
        })
      }
    ))
})

/** Answers now, and again whenever a node was met, described or blocked. */
export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Ground | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<Ground>(), ({ watch }) => ({
  WatchPeers: () => watch(() => ({ keys: ["peers"], ask: weatherproof("read the peers", all()) }))
})))
