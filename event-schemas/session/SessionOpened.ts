/** Somebody showed who they are, and a session began. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { DeviceId, Did } from "../ids.ts"
import { From, Means, SessionId } from "./Means.ts"

export const SessionOpened = Event.make("session.SessionOpened", {
  routing: { userId: Did, sessionId: SessionId, deviceId: Schema.NullOr(DeviceId), means: Means },
  private: From
})
