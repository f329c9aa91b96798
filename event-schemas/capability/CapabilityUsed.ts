/** A capability was used, once. `counted` are the delegations of its chain whose uses are bounded: each of them is one use older. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Cid, Did, Millis, StreamName, Text } from "../ids.ts"

export const CapabilityUsed = Event.make("capability.CapabilityUsed", {
  routing: {
    owner: Did,
    /** The owner's own delegation, where the chain begins. */
    root: Cid,
    /** The last one, which was used. */
    cid: Cid,
    counted: Schema.Array(Cid),
    holder: Did,
    resource: StreamName,
    /** What was called. */
    call: Text.pipe(Schema.maxLength(4_096)),
    /** What its holder signed; it is good for one use, until then. */
    invocation: Cid,
    until: Millis,
    usedAt: Millis
  },
  private: {}
})
