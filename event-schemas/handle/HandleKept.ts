/** An account goes by a handle: it and all that look like it are nobody else's. */
import * as Event from "../Event.ts"
import { Did, Handle } from "../ids.ts"

export const HandleKept = Event.make("handle.HandleKept", {
  routing: { handle: Handle, userId: Did },
  private: {}
})
