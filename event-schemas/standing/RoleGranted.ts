/** An account may do more on this node. */
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { Reason, Role } from "./Role.ts"

export const RoleGranted = Event.make("standing.RoleGranted", {
  routing: { userId: Did, role: Role },
  private: { reason: Reason }
})
