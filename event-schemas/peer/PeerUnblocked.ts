/** The node may speak to us again. */
import * as Event from "../Event.ts"
import { PeerId } from "../ids.ts"

export const PeerUnblocked = Event.make("peer.PeerUnblocked", {
  routing: { peerId: PeerId },
  private: {}
})
