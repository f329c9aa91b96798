/**
 * Reading the log from PostgreSQL: always by key, never by offset, in pages bounded in events and in bytes.
 *
 * G1  A page holds at most so many events, and not much more than so many bytes; one event alone is always a page.
 * G2  A filtered page says how far it has looked, also when it found nothing.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { eventBytes } from "./AppendRules.ts"
import { ArchivedEvents, type Whole } from "./ArchivedEvents.ts"
import { columns, eventOf } from "./EventRow.ts"
import type { EventFilter, RecordedEvent, StreamHead } from "./EventStore.ts"
import type { EventStoreError } from "./EventStoreError.ts"
import { type Course, courseOf, kinds, needsKinds } from "./PostgresFilter.ts"
import { failing, type Pool, type Question } from "./PostgresSession.ts"
import * as SegmentCatalogue from "./SegmentCatalogue.ts"
import { SegmentReader } from "./SegmentReader.ts"

export interface PageLimits {
  readonly eventsMax: number
  readonly bytesMax: number
}

export interface Page {
  readonly events: ReadonlyArray<RecordedEvent>
  /** Everything up to here was looked at. */
  readonly upTo: number
}

export interface Reader {
  /** Of the whole log: what lies after one position and not after another. */
  readonly page: (after: number, upTo: number, filter?: EventFilter) => Effect.Effect<Page, EventStoreError>
  readonly read: (stream: string, after: number) => Stream.Stream<RecordedEvent, EventStoreError>
  readonly readAll: (
    after: number,
    options?: { readonly filter?: EventFilter; readonly upTo?: number }
  ) => Stream.Stream<RecordedEvent, EventStoreError>
  readonly find: (eventId: string) => Effect.Effect<RecordedEvent | null, EventStoreError>
  readonly streamHead: (stream: string) => Effect.Effect<StreamHead | null, EventStoreError>
  readonly head: Effect.Effect<number, EventStoreError>
}

/** Merges walks, and cuts them where their bytes run over: what lies before a row decides, so one row always passes. */
export const bounded = (walks: ReadonlyArray<string>, order: string, { bytesMax, eventsMax }: PageLimits): string => {
  const walk = (where: string) =>
    `(select ${columns}, ${order} as place, ${weight} as weight from event where ${where} order by ${order} limit ${eventsMax})`
  const merged = walks.length > 1 ? `order by place limit ${eventsMax}` : ""
  return `
  select ${columns} from (
    select ${columns}, place, sum(weight) over (order by place rows unbounded preceding) - weight as before
    from (${walks.map(walk).join(" union all ")} ${merged}) rows
  ) weighed where before < ${bytesMax} order by place`
}

const weight = "octet_length(private) + octet_length(routing) + octet_length(meta)"

/** A filter whose index holds more than what passes is asked of so many positions at a time. */
const scanMax = 100_000

const pageOf = ({ cut, events }: Whole, upTo: number, { bytesMax, eventsMax }: PageLimits): Page => {
  const last = events.at(-1)
  const full = cut || events.length === eventsMax ||
    events.reduce((sum, event) => sum + eventBytes(event), 0) >= bytesMax
  return { events, upTo: full && last !== undefined ? last.position : upTo }
}

const everything: Course = { walks: ["true"], order: "position", passesOver: false }

const pageOfLog = (pool: Pool, archive: ArchivedEvents, limits: PageLimits): Reader["page"] => (after, end, filter) =>
  failing("read the log")(Effect.gen(function*() {
    const known = filter !== undefined && needsKinds(filter) ? yield* pool.ask(kindsThere) : []
    const { order, passesOver, walks } = filter === undefined
      ? everything
      : courseOf(filter, known.map(([category, type]) => ({ category, type })))
    const upTo = passesOver ? Math.min(end, after + scanMax) : end
    if (walks.length === 0) return { events: [], upTo: end }
    const place = order === "version" ? "position" : order
    const values = [after, upTo]
    const between = `${place} > $1 and ${place} <= $2`
    const text = bounded(walks.map((where) => `${where} and ${between}`), order, limits)
    const rows = pool.rows(filter === undefined ? { name: "page", text, values } : { text, values }, eventOf)
    // Whoever reads all of the log sees what lies there now, and takes nobody's place in memory.
    return pageOf(yield* archive.whole(rows, limits.bytesMax, filter === undefined), upTo, limits)
  }))

const kindsThere: Question = { name: "kinds", text: kinds }

/**
 * Most streams are short and read often: a statement that is planned once. One event more than a page holds is asked for, so that a
 * stream that ends with the page is not asked again.
 */
const pageOfStream = (pool: Pool, archive: ArchivedEvents, limits: PageLimits) => {
  const { bytesMax, eventsMax } = limits
  const oneMore = { bytesMax, eventsMax: eventsMax + 1 }
  const text = bounded(["stream = $1 and version > $2"], "version", oneMore)
  return (stream: string, after: number) => {
    const rows = pool.rows({ name: "stream", text, values: [stream, after] }, eventOf)
    return failing("read a stream")(archive.whole(rows, bytesMax)).pipe(
      Effect.map((whole) =>
        whole.events.length > eventsMax
          ? pageOf({ events: whole.events.slice(0, eventsMax), cut: true }, Infinity, limits)
          : pageOf(whole, Infinity, oneMore)
      )
    )
  }
}

/** `segments`: where archived ranges lie, for a log that has some. */
export const make = (pool: Pool, limits: PageLimits, segments = new SegmentReader(null, 0)): Reader => {
  const ask = (doing: string, question: Question) => Effect.map(failing(doing)(pool.ask(question)), ([row]) => row)
  const archive = new ArchivedEvents(segments, SegmentCatalogue.segments(pool.ask))
  const page = pageOfLog(pool, archive, limits)
  const streamPage = pageOfStream(pool, archive, limits)
  const head = Effect.map(
    ask("read its head", { name: "head", text: "select last_position from log" }),
    (row): number => row![0]
  )
  return {
    head,
    page,
    read: (stream, after) =>
      Stream.paginateChunkEffect(after, (seen) =>
        Effect.map(streamPage(stream, seen), ({ events, upTo }) => [
          Chunk.unsafeFromArray(events),
          upTo < Infinity ? Option.some(events.at(-1)!.version) : Option.none()
        ])),
    readAll: (after, { filter, upTo = Infinity } = {}) =>
      // Where the log ends matters only to a filter that could look for ever past it.
      Stream.unwrap(Effect.map(upTo - after <= scanMax ? Effect.succeed(upTo) : head, (present) => {
        const end = Math.min(present, upTo)
        return Stream.paginateChunkEffect(after, (seen) =>
          Effect.map(page(seen, end, filter), (page) => [
            Chunk.unsafeFromArray(page.events),
            page.upTo < end ? Option.some(page.upTo) : Option.none()
          ]))
      })),
    find: (eventId) => {
      const rows = pool.rows({
        name: "find",
        text: `select ${columns} from event where event_id = $1::text::uuid`,
        values: [eventId]
      }, eventOf)
      return Effect.map(failing("find an event")(archive.whole(rows)), ({ events }) => events[0] ?? null)
    },
    streamHead: (stream) =>
      Effect.map(
        ask("find a stream's head", {
          name: "stream head",
          text:
            "select version, position, hash from event where stream = $1 order by stream desc, version desc limit 1",
          values: [stream]
        }),
        (row) => row === undefined ? null : { version: row[0], position: row[1], hash: row[2] }
      )
  }
}
