/** A user left this node; what was theirs is to be forgotten. */
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"

export const UserDeleted = Event.make("user.UserDeleted", {
  routing: { userId: Did },
  private: {}
})
