/** Everything that can ever have happened to a process, beside the events it reads. */
import * as Event from "../Event.ts"
import { StepDropped } from "./StepDropped.ts"

export { StepDropped }

export const ProcessEvents = Event.vocabulary(StepDropped)
export type ProcessEvent = Event.Type<(typeof ProcessEvents.events)[number]>
