/** A means to show who the user is counts no more. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { Means } from "./Means.ts"

export const MeansRemoved = Event.make("session.MeansRemoved", {
  routing: { userId: Did, means: Means, meansId: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{1,64}$/)) },
  private: {}
})
