/** From recorded events to facts in a view's rows: decoded, without what is skipped, and handed over so that one bad event is found. */
import type { Cipher } from "@vivim/crypto/Cipher"
import * as Event from "@vivim/event-schemas/Event"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fact from "./Fact.ts"
import { EventNotTaken, type Target, type View, ViewFailure } from "./View.ts"

export interface Reader {
  readonly view: View
  readonly cipher: Cipher
  /** The types the view knows. */
  readonly types: ReadonlySet<string>
  /** Positions an operator has this view pass over. */
  readonly skipped: ReadonlySet<number>
}

const unreadable = ({ view }: Reader, { position }: RecordedEvent, reason: string) =>
  Effect.as(Effect.logWarning(`${view.name} cannot open position ${position}: ${reason}`), null)

const factOf = (reader: Reader, recorded: RecordedEvent): Effect.Effect<Fact.Fact<any> | null, ViewFailure> => {
  const { cipher, view } = reader
  if (view.sees === "routing") return Effect.succeed(Fact.routing(view.reads, recorded))
  return Effect.catchTags(Fact.whole(view.reads, cipher, recorded), {
    PayloadUnreadable: ({ reason }) => unreadable(reader, recorded, reason),
    Shredded: () => Effect.succeed(Fact.shredded(view.reads, recorded)),
    Locked: () => Effect.succeed(Fact.locked(view.reads, recorded)),
    KeysUnavailable: (cause) => new ViewFailure({ view: view.name, position: recorded.position, cause })
  })
}

/** Events opened and decoded before others are let in, if it is time to. */
const Between = 8

/** What of a batch concerns the view, in order. `pause` lets others in. */
export const read = Effect.fnUntraced(function*(
  reader: Reader,
  batch: ReadonlyArray<RecordedEvent>,
  pause: Effect.Effect<void> = Effect.void
) {
  const facts: Array<Fact.Fact<any>> = []
  for (const [n, recorded] of batch.entries()) {
    if (n % Between === 0) yield* pause
    if (!reader.types.has(recorded.type) || reader.skipped.has(recorded.position)) continue
    const fact = yield* factOf(reader, recorded)
    if (fact === null) continue
    if (Event.isUnknown(fact.event)) {
      yield* Effect.logWarning(
        `${reader.view.name} passes over position ${recorded.position}: ${fact.event.type}: ${fact.event.reason}`
      )
      continue
    }
    facts.push(fact)
  }
  return facts
})

/** That the rows are gone from under a target is weather: whoever asks again finds others, or builds them. */
export const put = (
  view: View,
  target: Target,
  facts: ReadonlyArray<Fact.Fact<any>>,
  upTo: number
): Effect.Effect<void, ViewFailure | EventNotTaken> =>
  target.apply(facts, upTo).pipe(
    Effect.asVoid,
    Effect.catchTag("ServingChanged", (cause) => new ViewFailure({ view: view.name, position: upTo, cause }))
  )

/** Hands facts over. A view that cannot take them all takes those before the one it stumbles over, and that one is named. */
export const hand = (
  view: View,
  target: Target,
  facts: ReadonlyArray<Fact.Fact<any>>,
  upTo: number
): Effect.Effect<void, ViewFailure | EventNotTaken> =>
  Effect.catchAllCause(put(view, target, facts, upTo), (cause) => {
    const failure = Cause.squash(cause)
    // Neither who stops us nor the weather is a fact's doing.
    if (Cause.isInterrupted(cause) || failure instanceof ViewFailure || facts.length === 0) {
      return Effect.failCause(cause)
    }
    if (facts.length === 1) return notTaken(view, facts[0]!, failure)
    const first = facts.slice(0, facts.length >> 1)
    return Effect.zipRight(
      hand(view, target, first, first.at(-1)!.position),
      Effect.suspend(() => hand(view, target, facts.slice(first.length), upTo))
    )
  })

const notTaken = (view: { readonly name: string }, fact: Fact.Fact<any>, cause: unknown): EventNotTaken =>
  new EventNotTaken({
    view: view.name,
    position: fact.position,
    stream: fact.stream,
    version: fact.version,
    type: fact.event._tag,
    cause: cause instanceof EventNotTaken ? cause.cause : cause
  })
