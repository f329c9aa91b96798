/** An account may no longer do what a role allowed. */
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { Reason, Role } from "./Role.ts"

export const RoleWithdrawn = Event.make("standing.RoleWithdrawn", {
  routing: { userId: Did, role: Role },
  private: { reason: Reason }
})
