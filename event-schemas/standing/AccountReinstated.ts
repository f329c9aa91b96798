/** An account that was suspended or banned is as any other again. */
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { Reason } from "./Role.ts"

export const AccountReinstated = Event.make("standing.AccountReinstated", {
  routing: { userId: Did },
  private: { reason: Reason }
})
