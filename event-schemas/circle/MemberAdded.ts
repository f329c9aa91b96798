/** A member opened the door to someone. */
import * as Event from "../Event.ts"
import { CircleId, Did } from "../ids.ts"

export const MemberAdded = Event.make("circle.MemberAdded", {
  routing: { circleId: CircleId, member: Did, addedBy: Did },
  private: {}
})
