/** A session is over before its time: nothing that was handed out for it opens anything any more. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { SessionId } from "./Means.ts"

export const SessionEnded = Event.make("session.SessionEnded", {
  routing: {
    userId: Did,
    sessionId: SessionId,
    why: Schema.Literal("signed-out", "signed-out-everywhere", "device-revoked", "refresh-reused", "account-closed")
  },
  private: {}
})
