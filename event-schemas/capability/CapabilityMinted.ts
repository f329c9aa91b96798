/** The owner let somebody do something with one of their things. The delegation itself, as it was signed, is private: it is half of the key. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Cid, Did, Millis, StreamName, Text } from "../ids.ts"

export const CapabilityMinted = Event.make("capability.CapabilityMinted", {
  routing: {
    owner: Did,
    cid: Cid,
    audience: Did,
    resource: StreamName,
    /** The command it lets its holder use: `/content/read`. */
    right: Text.pipe(Schema.maxLength(512)),
    expiresAt: Millis,
    usesMax: Schema.NullOr(Schema.Int.pipe(Schema.positive())),
    epoch: Schema.Int.pipe(Schema.nonNegative())
  },
  private: { delegation: Text.pipe(Schema.maxLength(65_536)), label: Text.pipe(Schema.maxLength(256)) }
})
