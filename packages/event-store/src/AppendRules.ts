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
import { stated } from "./Stated.ts"

export interface AppendLimits {
  /** Events in one append. */
  readonly eventsMax: number
  /** Bytes of one event: meta, routing and private part together. */
  readonly eventBytesMax: number
  /** Bytes of all events of one append. */
  readonly appendBytesMax: number
}

/** What a command may reasonably state at once; an import is written in chunks far below. */
export const appendLimits: AppendLimits = {
  eventsMax: 1_000,
  eventBytesMax: 1024 * 1024,
  appendBytesMax: 16 * 1024 * 1024
}

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

const plain = /^[ -~]+$/
const keepable = (text: string, max: number): boolean =>
  text.length > 0 && text.length <= max && (plain.test(text) || !unkeepable.test(text))
const count = (n: number, max: number): boolean => Number.isSafeInteger(n) && n >= 0 && n <= max

const fault = (stream: string, events: Events): string | null => {
  if (!keepable(stream, 512)) return `no stream may be called ${JSON.stringify(stream)}`
  if (events.length > 1 && new Set(events.map(({ id }) => id)).size < events.length) return "an event is in it twice"
  for (const event of events) {
    if (!uuid.test(event.id)) return `event id ${JSON.stringify(event.id)} is not a lower-case UUID`
    if (!keepable(event.type, 128)) return `no event may be of type ${JSON.stringify(event.type)}`
    if (!keepable(event.owner, 512)) return `no event may belong to ${JSON.stringify(event.owner)}`
    if (!count(event.schemaVersion, 32_767)) return `schema version ${event.schemaVersion} of event ${event.id}`
    if (!count(event.at, Number.MAX_SAFE_INTEGER)) {
      return `time ${event.at} of event ${event.id} is not in whole milliseconds`
    }
  }
  return null
}

const excess = (stream: string, events: Events, limits: AppendLimits): AppendTooLarge | number => {
  if (events.length > limits.eventsMax) {
    return new AppendTooLarge({ stream, limit: "events", actual: events.length, max: limits.eventsMax })
  }
  let bytes = 0
  for (const event of events) {
    const own = eventBytes(event)
    if (own > limits.eventBytesMax) {
      return new AppendTooLarge({ stream, limit: "eventBytes", actual: own, max: limits.eventBytesMax })
    }
    bytes += own
  }
  return bytes <= limits.appendBytesMax
    ? bytes
    : new AppendTooLarge({ stream, limit: "appendBytes", actual: bytes, max: limits.appendBytesMax })
}

/** The bytes of all its events lie in one piece of memory: three small ones an event cost more than all else about it. */
const copyOf = (events: Events, bytes: number): Events => {
  const memory = Buffer.allocUnsafe(bytes)
  let at = 0
  const kept = (part: Uint8Array): Uint8Array => {
    memory.set(part, at)
    const copy = new Uint8Array(memory.buffer, memory.byteOffset + at, part.length)
    at += part.length
    return copy
  }
  return events.map((event) => {
    const { at, id, meta, owner, private: sealed, routing, schemaVersion, type } = event
    const copy = { id, type, schemaVersion, owner, at, meta: kept(meta), routing: kept(routing), private: kept(sealed) }
    return event[stated] === undefined ? copy : { ...copy, [stated]: event[stated] }
  }) as unknown as Events
}

/** Looks an append over, and takes a copy of it. */
export const accept = (stream: string, events: Events, limits: AppendLimits): Effect.Effect<Accepted, AppendTooLarge> =>
  Effect.suspend(() => {
    const wrong = fault(stream, events)
    if (wrong !== null) return Effect.dieMessage(`An append cannot be kept: ${wrong}.`)
    const bytes = excess(stream, events, limits)
    return typeof bytes === "number"
      ? Effect.succeed({ events: copyOf(events, bytes), bytes })
      : Effect.fail(bytes)
  })
