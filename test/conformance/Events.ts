/** Events for laws: small, different, and from few names, so that strangers meet. */
import type { AppendError, EventStore, NewEvent, RecordedEvent } from "@vivim/event-store/EventStore"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export type Store = EventStore["Type"]

let count = 0

/** A UUIDv7 whose chance is a counter: always another. */
export const newId = (): string => {
  const time = Date.now().toString(16).padStart(12, "0")
  const chance = (++count).toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${chance}`
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const event = (parts: Partial<NewEvent> = {}): NewEvent => {
  const id = parts.id ?? newId()
  return {
    id,
    type: "tea.Poured",
    schemaVersion: 1,
    owner: "did:key:zAda",
    at: 1_790_000_000_000 + count,
    meta: bytes(`meta of ${id}`),
    routing: bytes(`routing of ${id}`),
    private: bytes(`private of ${id}`),
    ...parts
  }
}

export const events = (size: number, parts: Partial<NewEvent> = {}): [NewEvent, ...Array<NewEvent>] =>
  Array.from({ length: size }, () => event(parts)) as [NewEvent, ...Array<NewEvent>]

export const all = <A, E>(stream: Stream.Stream<A, E>): Effect.Effect<Array<A>, E> =>
  Effect.map(Stream.runCollect(stream), Chunk.toArray)

/** The first so many events of a subscription. */
export const firstOf = <E>(
  count: number,
  followed: Stream.Stream<ReadonlyArray<RecordedEvent>, E>
): Effect.Effect<Array<RecordedEvent>, E> => all(followed.pipe(Stream.flattenIterables, Stream.take(count)))

/** What an append came to, in one word and its reason. */
export const answer = (append: Effect.Effect<unknown, AppendError>): Effect.Effect<string> =>
  Effect.match(append, { onFailure: ({ _tag }) => _tag, onSuccess: () => "Appended" })

/** What the caller gave, as far as the log keeps it: plain bytes, whatever class they came in. */
export const given = ({ at, id, meta, owner, private: sealed, routing, schemaVersion, type }: NewEvent) => ({
  id,
  type,
  schemaVersion,
  owner,
  at,
  meta: [...meta],
  routing: [...routing],
  private: [...sealed]
})
