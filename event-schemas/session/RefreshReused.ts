/** A refresh token that had been exchanged long ago was shown again: one of the two who hold it is a thief. */
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { From, SessionId } from "./Means.ts"

export const RefreshReused = Event.make("session.RefreshReused", {
  routing: { userId: Did, sessionId: SessionId },
  private: From
})
