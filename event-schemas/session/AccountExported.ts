/** All that is an account's left the node in a file, opened: whoever has the file reads it. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { From, SessionId } from "./Means.ts"

export const AccountExported = Event.make("session.AccountExported", {
  routing: { userId: Did, sessionId: Schema.NullOr(SessionId) },
  private: From
})
