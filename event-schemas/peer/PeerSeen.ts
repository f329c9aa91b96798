/** Another node was met at these addresses. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { NodeAddress, PeerId } from "../ids.ts"

export const PeerSeen = Event.make("peer.PeerSeen", {
  routing: { peerId: PeerId, addresses: Schema.Array(NodeAddress).pipe(Schema.maxItems(32)) },
  private: {}
})
