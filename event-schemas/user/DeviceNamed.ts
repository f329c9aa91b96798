/** What its owner calls a device. */
import * as Event from "../Event.ts"
import { DeviceId, Did, DisplayName } from "../ids.ts"

export const DeviceNamed = Event.make("user.DeviceNamed", {
  routing: { userId: Did, deviceId: DeviceId },
  private: { name: DisplayName }
})
