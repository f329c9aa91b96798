/** An event as a view sees it: decoded, with the parts of its header that views need. */
import type { Cipher, KeyFailure, PayloadUnreadable } from "@vivim/crypto/Cipher"
import * as EventSeal from "@vivim/crypto/EventSeal"
import type * as Event from "@vivim/event-schemas/Event"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import { stated } from "@vivim/event-store/Stated"
import * as Effect from "effect/Effect"

export interface Fact<E = { readonly _tag: string }> {
  readonly position: number
  readonly stream: string
  readonly version: number
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly event: E
  /** What was thrown when the event was read: a mistake of this build, that stops whoever needs the event. */
  readonly broken?: { readonly cause: unknown }
  /** The owner's keys are not here: the event holds its routing part alone, and waits for them. */
  readonly locked?: true
}

const fact = <E>({ at, owner, position, stream, version }: RecordedEvent, event: E): Fact<E> => ({
  position,
  stream,
  version,
  owner,
  at,
  event
})

/** An upcaster that throws is met where the event is needed, not where it is read. */
const tried = <E>(recorded: RecordedEvent, decode: () => E): Fact<E> => {
  try {
    return fact(recorded, decode())
  } catch (cause) {
    return { ...fact(recorded, { _tag: recorded.type } as E), broken: { cause } }
  }
}

/** Reads the routing part alone: no key is needed. */
export const routing = <E extends Event.Any>(
  vocabulary: Event.Vocabulary<E>,
  recorded: RecordedEvent
): Fact<Event.Routing<E> | Event.UnknownEvent> => tried(recorded, () => vocabulary.decodeRouting(recorded))

/** Both parts: as this process stated them a moment ago, or opened. */
export const whole = <E extends Event.Any>(
  vocabulary: Event.Vocabulary<E>,
  cipher: Cipher,
  recorded: RecordedEvent
): Effect.Effect<Fact<Event.Type<E> | Event.UnknownEvent>, PayloadUnreadable | KeyFailure> =>
  recorded[stated] !== undefined ? Effect.succeed(fact(recorded, recorded[stated] as Event.Type<E>)) : Effect.map(
    EventSeal.open(cipher, recorded),
    (plain) => tried(recorded, () => vocabulary.decode({ ...recorded, private: plain }))
  )

/** An event whose private part was destroyed: itself where nothing of it was private, else nothing. */
export const shredded = <E extends Event.Any>(
  vocabulary: Event.Vocabulary<E>,
  recorded: RecordedEvent
): Fact<any> | null => {
  const event = vocabulary.decodeKeyless(recorded)
  return event === null ? null : fact(recorded, event)
}

/** An event whose owner's keys are not here. */
export const locked = <E extends Event.Any>(vocabulary: Event.Vocabulary<E>, recorded: RecordedEvent): Fact<any> => ({
  ...routing(vocabulary, recorded),
  locked: true
})
