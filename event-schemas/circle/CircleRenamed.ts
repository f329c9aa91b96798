/** The circle has another name. */
import * as Event from "../Event.ts"
import { CircleId, CircleName } from "../ids.ts"

export const CircleRenamed = Event.make("circle.CircleRenamed", {
  routing: { circleId: CircleId },
  private: { name: CircleName }
})
