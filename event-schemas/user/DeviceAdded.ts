/** A device may act for the user. */
import * as Event from "../Event.ts"
import { DeviceId, Did, DisplayName } from "../ids.ts"

export const DeviceAdded = Event.make("user.DeviceAdded", {
  routing: { userId: Did, deviceId: DeviceId },
  private: { name: DisplayName }
})
