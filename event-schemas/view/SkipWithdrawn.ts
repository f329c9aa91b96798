/** An event that was passed over is to be taken after all, from the next time the view is built. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Position, Text, ViewName } from "../ids.ts"

export const SkipWithdrawn = Event.make("view.SkipWithdrawn", {
  routing: { view: ViewName, position: Position },
  private: { reason: Text.pipe(Schema.maxLength(1_024)) }
})
