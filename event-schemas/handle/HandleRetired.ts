/** The account that went by a handle is gone; the handle goes to nobody. */
import * as Event from "../Event.ts"
import { Did, Handle } from "../ids.ts"

export const HandleRetired = Event.make("handle.HandleRetired", {
  routing: { handle: Handle, userId: Did },
  private: {}
})
