/** Recognises an event of the log as a fact a process reads: the routing part alone, so that no key is needed. */
import * as Event from "@vivim/event-schemas/Event"
import type { Did } from "@vivim/event-schemas/ids"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import type { Fact } from "./Decide.ts"
import type * as Process from "./Process.ts"

/** The fact, or why this build cannot read it. */
export const fact = (process: Process.Any, recorded: RecordedEvent): Fact | string => {
  const event: any = process.reads.decodeRouting(recorded)
  if (Event.isUnknown(event)) return `${event.type}: ${event.reason}`
  const { at, id, meta, owner, position, stream, version } = recorded
  return { event, cause: { id, stream, position, version, owner: owner as Did, at }, meta }
}
