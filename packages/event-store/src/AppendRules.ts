/**
 * What any store asks of an append before it looks at the stream: bounded sizes, and fields that every store can keep.
 *
 * R1  An append beyond a limit is refused with the limit, what it was and what is allowed.
 * R2  An append out of shape (an id that is no UUID, an event twice, a NUL or half a character in a name) is a bug of the caller:
 *     it dies at once, alone, and never reaches the appends of others.
 * R3  What was accepted cannot be changed any more by the caller: the bytes are copied.
 */
import * as Effect from "effect/Effect"
import type { NewEvent } from "./EventStore.ts"
import { AppendTooLarge } from "./EventStoreError.ts"

export interface AppendLimits {
  /** Events in one append. */
  readonly eventsMax: number
  /** Bytes of one event: meta, routing and private part together. */
  readonly eventBytesMax: number
  /** Bytes of all events of one append. */
  readonly appendBytesMax: number
}

/** What a command may reasonably state at once; an import is written in chunks far below. */
export const appendLimits: AppendLimits = { eventsMax: 1_000, eventBytesMax: 1024 * 1024, appendBytesMax: 16 * 1024 * 1024 }

export type Events = readonly [NewEvent, ...Array<NewEvent>]

export interface Accepted {
  readonly events: Events
  readonly bytes: number
}

/** Bytes an event brings of its own. */
export const eventBytes = (event: NewEvent): number => event.meta.length + event.routing.length + event.private.length

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** NUL, which PostgreSQL's text cannot hold, and half of a surrogate pair, which UTF-8 cannot. */
const unkeepable = /\0|\p{Surrogate}/u

const keepable = (text: string, max: number): boolean => text.length > 0 && text.length <= max && !unkeepable.test(text)
const count = (n: number, max: number): boolean => Number.isSafeInteger(n) && n >= 0 && n <= max

const fault = (stream: string, events: Events): string | null => {
  if (!keepable(stream, 512)) return `no stream may be called ${JSON.stringify(stream)}`
  const seen = new Set<string>()
  for (const event of events) {
    if (!uuid.test(event.id)) return `event id ${JSON.stringify(event.id)} is not a lower-case UUID`
    if (seen.has(event.id)) return `event ${event.id} is twice in one append`
    seen.add(event.id)
    if (!keepable(event.type, 128)) return `no event may be of type ${JSON.stringify(event.type)}`
    if (!keepable(event.owner, 512)) return `no event may belong to ${JSON.stringify(event.owner)}`
    if (!count(event.schemaVersion, 32_767)) return `schema version ${event.schemaVersion} of event ${event.id}`
    if (!count(event.at, Number.MAX_SAFE_INTEGER)) return `time ${event.at} of event ${event.id} is not in whole milliseconds`
  }
  return null
}

const excess = (stream: string, events: Events, bytes: ReadonlyArray<number>, limits: AppendLimits): AppendTooLarge | null => {
  if (events.length > limits.eventsMax) {
    return new AppendTooLarge({ stream, limit: "events", actual: events.length, max: limits.eventsMax })
  }
  const largest = Math.max(...bytes)
  if (largest > limits.eventBytesMax) {
    return new AppendTooLarge({ stream, limit: "eventBytes", actual: largest, max: limits.eventBytesMax })
  }
  const all = bytes.reduce((sum, n) => sum + n, 0)
  return all > limits.appendBytesMax
    ? new AppendTooLarge({ stream, limit: "appendBytes", actual: all, max: limits.appendBytesMax })
    : null
}

/** `new Uint8Array`, not `slice`: the slice of a Buffer is the same memory. */
const copyOf = (event: NewEvent): NewEvent => ({
  id: event.id,
  type: event.type,
  schemaVersion: event.schemaVersion,
  owner: event.owner,
  at: event.at,
  meta: new Uint8Array(event.meta),
  routing: new Uint8Array(event.routing),
  private: new Uint8Array(event.private)
})

/** Looks an append over, and takes a copy of it. */
export const accept = (stream: string, events: Events, limits: AppendLimits): Effect.Effect<Accepted, AppendTooLarge> =>
  Effect.suspend(() => {
    const wrong = fault(stream, events)
    if (wrong !== null) return Effect.dieMessage(`An append cannot be kept: ${wrong}.`)
    const bytes = events.map(eventBytes)
    const tooLarge = excess(stream, events, bytes, limits)
    return tooLarge === null
      ? Effect.succeed({ events: events.map(copyOf) as unknown as Events, bytes: bytes.reduce((sum, n) => sum + n, 0) })
      : Effect.fail(tooLarge)
  })
