/** Everything that can ever have happened to a peer. */
import * as Event from "../Event.ts"
import { PeerBlocked } from "./PeerBlocked.ts"
import { PeerDescribed } from "./PeerDescribed.ts"
import { PeerSeen } from "./PeerSeen.ts"
import { PeerUnblocked } from "./PeerUnblocked.ts"

export { PeerBlocked, PeerDescribed, PeerSeen, PeerUnblocked }

export const PeerEvents = Event.vocabulary(
  PeerBlocked,
  PeerDescribed,
  PeerSeen,
  PeerUnblocked
)
export type PeerEvent = Event.Type<(typeof PeerEvents.events)[number]>
