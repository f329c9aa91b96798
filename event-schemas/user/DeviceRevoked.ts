/** A device may no longer act for the user. */
import * as Event from "../Event.ts"
import { DeviceId, Did } from "../ids.ts"

export const DeviceRevoked = Event.make("user.DeviceRevoked", {
  routing: { userId: Did, deviceId: DeviceId },
  private: {}
})
