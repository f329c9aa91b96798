/** A delegation was taken back, with all that hangs on it, by its owner or by whoever passed it on. It matters no more after `until`. */
import * as Event from "../Event.ts"
import { Cid, Did, Millis } from "../ids.ts"

export const CapabilityRevoked = Event.make("capability.CapabilityRevoked", {
  routing: { owner: Did, cid: Cid, by: Did, until: Millis },
  private: {}
})
