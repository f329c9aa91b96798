/** Everything that can ever have happened to keys. */
import * as Event from "../Event.ts"
import { KeysDestroyed } from "./KeysDestroyed.ts"

export { KeysDestroyed }

export const VaultEvents = Event.vocabulary(KeysDestroyed)
export type VaultEvent = Event.Type<(typeof VaultEvents.events)[number]>
