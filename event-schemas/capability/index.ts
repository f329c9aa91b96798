/** Everything that can ever have happened to what an owner lets others do. */
import * as Event from "../Event.ts"
import { CapabilityMinted } from "./CapabilityMinted.ts"
import { CapabilityRevoked } from "./CapabilityRevoked.ts"
import { CapabilityUsed } from "./CapabilityUsed.ts"
import { EpochAdvanced } from "./EpochAdvanced.ts"

export { CapabilityMinted, CapabilityRevoked, CapabilityUsed, EpochAdvanced }

export const CapabilityEvents = Event.vocabulary(CapabilityMinted, CapabilityRevoked, CapabilityUsed, EpochAdvanced)
export type CapabilityEvent = Event.Type<(typeof CapabilityEvents.events)[number]>
