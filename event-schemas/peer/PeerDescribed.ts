/** The operator gave another node a name and a note. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { DisplayName, PeerId, Text } from "../ids.ts"

export const PeerDescribed = Event.make("peer.PeerDescribed", {
  routing: { peerId: PeerId },
  private: { name: DisplayName, note: Text.pipe(Schema.maxLength(4_000)) }
})
