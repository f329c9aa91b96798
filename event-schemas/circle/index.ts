/** Everything that can ever have happened to a circle. */
import * as Event from "../Event.ts"
import { CircleArchived } from "./CircleArchived.ts"
import { CircleCreated } from "./CircleCreated.ts"
import { CircleRenamed } from "./CircleRenamed.ts"
import { MemberAdded } from "./MemberAdded.ts"
import { MemberRemoved } from "./MemberRemoved.ts"

export { CircleArchived, CircleCreated, CircleRenamed, MemberAdded, MemberRemoved }

export const CircleEvents = Event.vocabulary(
  CircleArchived,
  CircleCreated,
  CircleRenamed,
  MemberAdded,
  MemberRemoved
)
export type CircleEvent = Event.Type<(typeof CircleEvents.events)[number]>
