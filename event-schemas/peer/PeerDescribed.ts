/** The operator gave another node a name and a note. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { DisplayName, PeerId } from "../ids.ts"

export const PeerDescribed = Event.make("peer.PeerDescribed", {
  routing: { peerId: PeerId },
  private: { name: DisplayName, note: Schema.String.pipe(Schema.maxLength(4_000)) }
})
