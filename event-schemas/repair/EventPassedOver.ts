/** An operator had an actor pass over one event it could not fold. The event stays in the log; the actor is as if it were not there. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { StreamName, Text } from "../ids.ts"

export const EventPassedOver = Event.make("repair.EventPassedOver", {
  routing: { stream: StreamName, version: Schema.Int.pipe(Schema.positive()) },
  private: { reason: Text.pipe(Schema.maxLength(1_024)) }
})
