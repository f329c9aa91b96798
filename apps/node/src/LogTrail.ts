/** The way through a log from its first event on: what must hold of the next one, given all before it. */
import * as EventHash from "@vivim/event-store/EventHash"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import { createHash } from "node:crypto"

export interface LogTrail {
  /** Of the last event taken; 0 before the first. */
  position: number
  readonly streams: Map<string, { readonly version: number; readonly hash: Uint8Array }>
  /** Over all hashes in order: two copies of one log have the same. */
  readonly digest: ReturnType<typeof createHash>
}

export const begin = (): LogTrail => ({ position: 0, streams: new Map(), digest: createHash("sha256") })

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

/** What is wrong with the next event, or null. */
export const problem = (trail: LogTrail, event: RecordedEvent): string | null => {
  const before = trail.streams.get(event.stream)
  if (event.position !== trail.position + 1) {
    return `position ${trail.position + 1} is missing: the log goes on at ${event.position}`
  }
  if (event.version !== (before?.version ?? 0) + 1) {
    return `version ${(before?.version ?? 0) + 1} of the stream is missing or out of order`
  }
  if (!equal(event.previousHash, before?.hash ?? EventHash.noHash())) {
    return "it does not follow the event before it in its stream"
  }
  return EventHash.isIntact(event) ? null : "its bytes are not those its hash was made over"
}

/** Goes one event further. */
export const take = (trail: LogTrail, event: RecordedEvent): void => {
  trail.position = event.position
  // A copy: the event's own bytes may be a view into a much larger page, which would stay in memory with it.
  trail.streams.set(event.stream, { version: event.version, hash: new Uint8Array(event.hash) })
  trail.digest.update(event.hash)
}

/** The digest so far, in hexadecimal. */
export const digestOf = ({ digest }: LogTrail): string => digest.copy().digest("hex")
