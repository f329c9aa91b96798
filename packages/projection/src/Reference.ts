/**
 * Reads one event a registry row points at. The registry never holds what is private: it keeps the position of the event
 * that does, and who may see it has it opened here, at the moment of asking.
 */
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Event from "@vivim/event-schemas/Event"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fact from "./Fact.ts"

/** What opening a reference leans on. */
export type Needs = EventStore | PayloadCipher

/** The event at a position, both parts; null when it is not there, not of this vocabulary, or sealed for good. */
export const open = Effect.fnUntraced(
  function*<E extends Event.Any>(vocabulary: Event.Vocabulary<E>, position: number) {
    const eventStore = yield* EventStore
    const cipher = yield* PayloadCipher
    const [recorded] = yield* eventStore.readAll(position - 1, { upTo: position }).pipe(Stream.runCollect)
    if (recorded === undefined) return null
    const fact = yield* Effect.catchTags(Fact.whole(vocabulary, cipher, recorded), {
      PayloadUnreadable: () => Effect.succeed(null),
      Shredded: () => Effect.succeed(null)
    })
    return fact === null || fact.broken !== undefined || Event.isUnknown(fact.event as never)
      ? null
      : fact.event as Event.Type<E>
  }
)
