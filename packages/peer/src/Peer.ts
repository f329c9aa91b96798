/**
 * Another node, as this one knows it.
 *
 * N1  A node must have been met before anything else is said of it.
 * N2  Blocking and unblocking change something, or are refused.
 */
import * as Actor from "@vivim/actor/Actor"
import { NoSuchPeer, PeerAddress } from "@vivim/contract/Peer"
import { NothingToChange } from "@vivim/contract/Refusal"
import { nodeItself, type PeerId } from "@vivim/event-schemas/ids"
import { PeerBlocked, PeerDescribed, PeerEvents, PeerSeen, PeerUnblocked } from "@vivim/event-schemas/peer/index"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

const PeerState = Schema.Struct({
  met: Schema.Boolean,
  name: Schema.String,
  note: Schema.String,
  blocked: Schema.Boolean
})
export type PeerState = typeof PeerState.Type

const met =
  <Command extends { readonly peerId: PeerId }, D>(decide: (state: PeerState, command: Command) => D) =>
  (state: PeerState, command: Command) => state.met ? decide(state, command) : refuse(new NoSuchPeer(command))

export const Peer = Actor.make({
  address: PeerAddress,
  events: PeerEvents,
  initial: { met: false, name: "", note: "", blocked: false } as PeerState,
  snapshot: { version: 1, schema: PeerState },
  owner: () => nodeItself,

  decide: {
    SeePeer: (_, { addresses, peerId }) => accept(PeerSeen({ peerId, addresses })),

    DescribePeer: met((state, { name, note, peerId }) =>
      state.name === name && state.note === note
        ? refuse(new NothingToChange({ message: "the node is described so already" }))
        : accept(PeerDescribed({ peerId, name, note }))
    ),

    BlockPeer: met(({ blocked }, { peerId, reason }) =>
      blocked
        ? refuse(new NothingToChange({ message: "the node is blocked already" }))
        : accept(PeerBlocked({ peerId, reason }))
    ),

    UnblockPeer: met(({ blocked }, { peerId }) =>
      blocked
        ? accept(PeerUnblocked({ peerId }))
        : refuse(new NothingToChange({ message: "the node is not blocked" }))
    )
  },

  evolve: {
    "peer.PeerSeen": (state) => ({ ...state, met: true }),
    "peer.PeerDescribed": (state, { name, note }) => ({ ...state, name, note }),
    "peer.PeerBlocked": (state) => ({ ...state, blocked: true }),
    "peer.PeerUnblocked": (state) => ({ ...state, blocked: false })
  }
})
