/** The circle is closed; it can be read, and nothing in it changes any more. */
import * as Event from "../Event.ts"
import { CircleId } from "../ids.ts"

export const CircleArchived = Event.make("circle.CircleArchived", {
  routing: { circleId: CircleId },
  private: {}
})
