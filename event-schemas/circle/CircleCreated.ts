/** Someone drew a circle, and is its first member. */
import * as Event from "../Event.ts"
import { CircleId, CircleName, Did } from "../ids.ts"

export const CircleCreated = Event.make("circle.CircleCreated", {
  routing: { circleId: CircleId, founder: Did },
  private: { name: CircleName }
})
