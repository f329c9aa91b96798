/** Another node was met at these addresses. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { PeerId } from "../ids.ts"

export const PeerSeen = Event.make("peer.PeerSeen", {
  routing: {
    peerId: PeerId,
    addresses: Schema.Array(Schema.String.pipe(Schema.maxLength(512))).pipe(Schema.maxItems(32))
  },
  private: {}
})
