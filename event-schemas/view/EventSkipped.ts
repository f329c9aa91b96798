/** An operator had a view pass over one event it could not take. The event stays in the log; the view is as if it were not there. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Position, Text, ViewName } from "../ids.ts"

export const EventSkipped = Event.make("view.EventSkipped", {
  routing: { view: ViewName, position: Position },
  private: { reason: Text.pipe(Schema.maxLength(1_024)) }
})
