/** A user says how private what they keep is to be from now on: readable for the node, or sealed on their own devices. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did } from "../ids.ts"

export const PrivacyChosen = Event.make("user.PrivacyChosen", {
  routing: { userId: Did, privacy: Schema.Literal("served", "sealed") },
  private: {}
})
