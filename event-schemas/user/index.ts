/** Everything that can ever have happened to a user. */
import * as Event from "../Event.ts"
import { DeviceAdded } from "./DeviceAdded.ts"
import { DeviceRevoked } from "./DeviceRevoked.ts"
import { ProfileChanged } from "./ProfileChanged.ts"
import { UserDeleted } from "./UserDeleted.ts"
import { UserRegistered } from "./UserRegistered.ts"

export { DeviceAdded, DeviceRevoked, ProfileChanged, UserDeleted, UserRegistered }

export const UserEvents = Event.vocabulary(
  DeviceAdded,
  DeviceRevoked,
  ProfileChanged,
  UserDeleted,
  UserRegistered
)
export type UserEvent = Event.Type<(typeof UserEvents.events)[number]>
