/** Everything that can ever have happened to a user. */
import * as Event from "../Event.ts"
import { DeviceAdded } from "./DeviceAdded.ts"
import { DeviceNamed } from "./DeviceNamed.ts"
import { DeviceRevoked } from "./DeviceRevoked.ts"
import { KeyWrapsKept } from "./KeyWrapsKept.ts"
import { LogForked } from "./LogForked.ts"
import { OperationStated } from "./OperationStated.ts"
import { PrivacyChosen } from "./PrivacyChosen.ts"
import { ProfileChanged } from "./ProfileChanged.ts"
import { StoreKeyReplaced } from "./StoreKeyReplaced.ts"
import { UserDeleted } from "./UserDeleted.ts"
import { UserRegistered } from "./UserRegistered.ts"

export {
  DeviceAdded,
  DeviceNamed,
  DeviceRevoked,
  KeyWrapsKept,
  LogForked,
  OperationStated,
  PrivacyChosen,
  ProfileChanged,
  StoreKeyReplaced,
  UserDeleted,
  UserRegistered
}

export const UserEvents = Event.vocabulary(
  DeviceAdded,
  DeviceNamed,
  DeviceRevoked,
  KeyWrapsKept,
  LogForked,
  OperationStated,
  PrivacyChosen,
  ProfileChanged,
  StoreKeyReplaced,
  UserDeleted,
  UserRegistered
)
export type UserEvent = Event.Type<(typeof UserEvents.events)[number]>
