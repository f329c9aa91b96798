/** Someone has an account on this node: its DID, and the handle people know it by. */
import * as Event from "../Event.ts"
import { Did, DisplayName, Handle } from "../ids.ts"

export const UserRegistered = Event.make("user.UserRegistered", {
  routing: { userId: Did, handle: Handle },
  private: { displayName: DisplayName }
})
