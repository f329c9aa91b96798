/** An account rests: until a time, or until somebody says otherwise. Its user may still see it, and leave. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, Millis } from "../ids.ts"
import { Reason } from "./Role.ts"

export const AccountSuspended = Event.make("standing.AccountSuspended", {
  routing: { userId: Did, until: Schema.NullOr(Millis) },
  private: { reason: Reason }
})
