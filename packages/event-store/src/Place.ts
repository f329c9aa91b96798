/** Where an event lies, and where an append whose first and last event lie there. */
import type { Appended } from "./EventStore.ts"

export interface Place {
  readonly stream: string
  readonly version: number
  readonly position: number
  readonly hash: Uint8Array
}

/** The hash is a copy: what a caller holds in hand must not be what the log, or the next round, believes. */
export const appended = (first: Place, last: Place, duplicate: boolean): Appended => ({
  stream: first.stream,
  firstVersion: first.version,
  lastVersion: last.version,
  firstPosition: first.position,
  lastPosition: last.position,
  hash: new Uint8Array(last.hash),
  duplicate
})
