/** Someone is no longer in the circle: they left, or were asked to. */
import * as Event from "../Event.ts"
import { CircleId, Did } from "../ids.ts"

export const MemberRemoved = Event.make("circle.MemberRemoved", {
  routing: { circleId: CircleId, member: Did, removedBy: Did },
  private: {}
})
