/** Everything that can ever have happened to a view, beside the events it is made of. */
import * as Event from "../Event.ts"
import { EventSkipped } from "./EventSkipped.ts"
import { SkipWithdrawn } from "./SkipWithdrawn.ts"

export { EventSkipped, SkipWithdrawn }

export const ViewEvents = Event.vocabulary(
  EventSkipped,
  SkipWithdrawn
)
export type ViewEvent = Event.Type<(typeof ViewEvents.events)[number]>
