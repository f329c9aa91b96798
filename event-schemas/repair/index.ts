/** Everything that can ever have been done to mend an actor's stream. */
import * as Event from "../Event.ts"
import { EventPassedOver } from "./EventPassedOver.ts"

export { EventPassedOver }

export const RepairEvents = Event.vocabulary(EventPassedOver)
export type RepairEvent = Event.Type<(typeof RepairEvents.events)[number]>
