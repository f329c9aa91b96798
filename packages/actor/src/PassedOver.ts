/** Which events of a stream an operator has its actor pass over: read from the log, and only by an actor that stands still. */
import * as Event from "@vivim/event-schemas/Event"
import { RepairEvents } from "@vivim/event-schemas/repair/index"
import type { EventStore } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export const of = (
  eventStore: Context.Tag.Service<EventStore>,
  stream: string
): Effect.Effect<ReadonlySet<number>, EventStoreError> =>
  Stream.runFold(eventStore.read(`repair/${stream}`), new Set<number>(), (versions, recorded) => {
    const event = RepairEvents.decodeRouting(recorded)
    return Event.isUnknown(event) ? versions : versions.add(event.version)
  })
