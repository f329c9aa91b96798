/** Everything that can ever have happened to an import. */
import * as Event from "../Event.ts"
import { ImportFinished } from "./ImportFinished.ts"
import { ImportStarted } from "./ImportStarted.ts"

export { ImportFinished, ImportStarted }

export const ImportEvents = Event.vocabulary(ImportFinished, ImportStarted)
export type ImportEvent = Event.Type<(typeof ImportEvents.events)[number]>
