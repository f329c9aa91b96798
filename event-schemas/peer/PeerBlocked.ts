/** Nothing is taken from this node any more. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { PeerId, Text } from "../ids.ts"

export const PeerBlocked = Event.make("peer.PeerBlocked", {
  routing: { peerId: PeerId },
  private: { reason: Text.pipe(Schema.maxLength(1_024)) }
})
