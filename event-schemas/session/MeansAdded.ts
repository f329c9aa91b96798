/** A user has one more means to show who they are. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, DisplayName } from "../ids.ts"
import { Means } from "./Means.ts"

export const MeansAdded = Event.make("session.MeansAdded", {
  routing: { userId: Did, means: Means, meansId: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{1,64}$/)) },
  private: { name: DisplayName }
})
