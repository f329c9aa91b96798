/** A user says who they are, in their own words. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, DisplayName, Text } from "../ids.ts"

export const ProfileChanged = Event.make("user.ProfileChanged", {
  routing: { userId: Did },
  private: { displayName: DisplayName, bio: Text.pipe(Schema.maxLength(4_000)) }
})
