/** Which ranges of the log were archived, and where they lie now: one row in the database for each. */
import * as Effect from "effect/Effect"
import type { Question, Rows, SessionError } from "./PostgresSession.ts"

export interface Segment {
  /** The positions of its first and its last event. */
  readonly first: number
  readonly last: number
  /** The name it has in the segment store. */
  readonly name: string
  /** What it weighs there, and where its index begins. */
  readonly bytes: number
  readonly indexAt: number
  /** Of its index, and so of every byte. */
  readonly digest: Uint8Array
  /** Milliseconds since the epoch. */
  readonly archivedAt: number
}

type Ask<E> = (question: Question) => Effect.Effect<Rows, E>

/** All of them, in the order of the log. */
export const segments = (ask: Ask<SessionError>): Effect.Effect<ReadonlyArray<Segment>, SessionError> =>
  Effect.map(
    ask({
      name: "segments",
      text: `select first, last, name, bytes, index_at, digest, (extract(epoch from archived_at) * 1000)::bigint
        from event_segment order by first`
    }),
    (rows) =>
      rows.map(([first, last, name, bytes, indexAt, digest, archivedAt]) => ({
        first,
        last,
        name,
        bytes,
        indexAt,
        digest,
        archivedAt
      }))
  )

/** The one that holds a position, out of all of them. */
export const holding = (all: ReadonlyArray<Segment>, position: number): Segment | null => {
  let low = 0
  for (let high = all.length - 1; low < high;) {
    const middle = (low + high + 1) >> 1
    if (all[middle]!.first <= position) low = middle
    else high = middle - 1
  }
  const found = all[low]
  return found !== undefined && found.first <= position && position <= found.last ? found : null
}

/** Made of its range alone: a segment that is written again takes the place of what an interrupted attempt left. */
export const nameOf = (first: number, last: number): string => {
  const whole = (position: number) => String(position).padStart(12, "0")
  return `events-${whole(first)}-${whole(last)}.segment`
}
