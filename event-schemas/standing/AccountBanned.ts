/** An account may do nothing on this node any more. */
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { Reason } from "./Role.ts"

export const AccountBanned = Event.make("standing.AccountBanned", {
  routing: { userId: Did },
  private: { reason: Reason }
})
