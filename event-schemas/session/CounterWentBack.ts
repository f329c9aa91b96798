/** A passkey answered with a counter it had passed before: somebody may have a copy of it. It opened nothing. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"
import { Means } from "./Means.ts"

export const CounterWentBack = Event.make("session.CounterWentBack", {
  routing: { userId: Did, means: Means, meansId: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{1,64}$/)) },
  private: {}
})
