/** A handle is held for somebody who is about to open an account with it. */
import * as Event from "../Event.ts"
import { Did, Handle, Millis } from "../ids.ts"

export const HandleClaimed = Event.make("handle.HandleClaimed", {
  routing: { handle: Handle, userId: Did, until: Millis },
  private: {}
})
