/** Everything that can ever have happened to a handle, and to all that look like it. */
import * as Event from "../Event.ts"
import { HandleClaimed } from "./HandleClaimed.ts"
import { HandleKept } from "./HandleKept.ts"
import { HandleRetired } from "./HandleRetired.ts"

export { HandleClaimed, HandleKept, HandleRetired }

export const HandleEvents = Event.vocabulary(HandleClaimed, HandleKept, HandleRetired)
