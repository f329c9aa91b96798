/** Everything that can ever have been decided about how accounts stand on a node. */
import * as Event from "../Event.ts"
import { AccountBanned } from "./AccountBanned.ts"
import { AccountReinstated } from "./AccountReinstated.ts"
import { AccountSuspended } from "./AccountSuspended.ts"
import { RoleGranted } from "./RoleGranted.ts"
import { RoleWithdrawn } from "./RoleWithdrawn.ts"

export { AccountBanned, AccountReinstated, AccountSuspended, RoleGranted, RoleWithdrawn }

export const StandingEvents = Event.vocabulary(
  AccountBanned,
  AccountReinstated,
  AccountSuspended,
  RoleGranted,
  RoleWithdrawn
)
export type StandingEvent = Event.Type<(typeof StandingEvents.events)[number]>
