/**
 * Gives back their payload to events whose rows are only markers, because the range they lie in was archived.
 *
 * V1  What is read across archived ranges is what was appended, in the same order and pages as bounded as before.
 * V2  A segment that is missing, cut off, altered or not the table's is an error that names it and the position; the events before
 *     it are handed over, and none is left out in silence.
 * V3  A range that is archived or restored while it is read is read all the same.
 * V4  However much of the archive is read, only the last blocks of it are kept in memory.
 *
 * A marker is a row without a previous hash, which no event lacks.
 */
import * as Effect from "effect/Effect"
import { eventBytes } from "./AppendRules.ts"
import type { RecordedEvent } from "./EventStore.ts"
import { SegmentDamaged } from "./EventStoreError.ts"
import type { SessionError } from "./PostgresSession.ts"
import { holding, type Segment } from "./SegmentCatalogue.ts"
import { type Block, damaged, eventAt, holds, type SegmentReader } from "./SegmentReader.ts"

const isMarker = (event: RecordedEvent): boolean => event.previousHash.length === 0

export interface Whole {
  readonly events: ReadonlyArray<RecordedEvent>
  /** Not all that was asked for: too many bytes, or something behind them that cannot be read. */
  readonly cut: boolean
}

/** So often may a range move between the table and the archive while it is read. */
const movesMax = 5

export class ArchivedEvents {
  private readonly reader: SegmentReader
  private readonly ask: Effect.Effect<ReadonlyArray<Segment>, SessionError>
  private known: ReadonlyArray<Segment> = []

  /** `ask` brings the catalogue. */
  constructor(reader: SegmentReader, ask: Effect.Effect<ReadonlyArray<Segment>, SessionError>) {
    this.reader = reader
    this.ask = ask
  }

  /** The events that rows stand for. Asked again when the archive changed under it. `passing`: see SegmentReader. */
  whole(
    rows: Effect.Effect<ReadonlyArray<RecordedEvent>, SessionError>,
    bytesMax = Infinity,
    passing = false
  ): Effect.Effect<Whole, SessionError | SegmentDamaged> {
    const attempt = (left: number): Effect.Effect<Whole, SessionError | SegmentDamaged> =>
      Effect.flatMap(rows, (events) =>
        events.some(isMarker)
          ? Effect.catchIf(this.fill(events, bytesMax, passing), (error) =>
            left > 0 && error instanceof SegmentDamaged, () =>
            Effect.zipRight(this.refresh, attempt(left - 1)))
          : Effect.succeed({ events, cut: false }))
    return attempt(movesMax)
  }

  private readonly refresh: Effect.Effect<void, SessionError> = Effect.suspend(() =>
    Effect.map(this.ask, (segments) => {
      this.known = segments
    })
  )

  private fill(
    events: ReadonlyArray<RecordedEvent>,
    bytesMax: number,
    passing: boolean
  ): Effect.Effect<Whole, SegmentDamaged> {
    return Effect.gen(this, function*() {
      const filled: Array<RecordedEvent> = []
      let bytes = 0
      let block: Block | null = null
      for (const event of events) {
        if (bytes >= bytesMax) return { events: filled, cut: true }
        let full = event
        if (isMarker(event)) {
          const found: Block | SegmentDamaged = block !== null && holds(block, event.position)
            ? block
            : yield* Effect.merge(this.blockOf(event.position, passing))
          block = found instanceof SegmentDamaged ? null : found
          const read = found instanceof SegmentDamaged ? found : this.compared(eventAt(found, event.position), event)
          if (read instanceof SegmentDamaged) {
            // What lies before it is told first: the next page begins with it.
            if (filled.length > 0) return { events: filled, cut: true }
            return yield* read
          }
          full = read
        }
        bytes += eventBytes(full)
        filled.push(full)
      }
      return { events: filled, cut: false }
    })
  }

  private blockOf(position: number, passing: boolean): Effect.Effect<Block, SegmentDamaged> {
    const segment = holding(this.known, position)
    return segment === null ? Effect.fail(unheld(position)) : this.reader.block(segment, position, passing)
  }

  /** The table judges what was said where; the segment brings the rest. */
  private compared(event: RecordedEvent, marker: RecordedEvent): RecordedEvent | SegmentDamaged {
    return headers.every((name) => event[name] === marker[name]) && Buffer.compare(event.hash, marker.hash) === 0
      ? event
      : damaged(holding(this.known, marker.position)!, marker.position, "holds another event than the table")
  }
}

const headers = ["position", "stream", "version", "id", "type", "schemaVersion", "owner", "at"] as const

const unheld = (position: number) =>
  new SegmentDamaged({
    name: "(none)",
    first: position,
    last: position,
    position,
    problem: "is not in the catalogue: the table has a marker here, and nothing says where its event lies"
  })
