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
import type { EventFilter, RecordedEvent, StreamHead } from "./EventStore.ts"
import type { EventStoreError } from "./EventStoreError.ts"
import { failing, type Question, type Rows, type Session } from "./PostgresSession.ts"

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

const columns =
  "position, stream, version, event_id, type, schema_version, owner, at, meta, routing, private, previous_hash, hash"

const recorded = (
  [position, stream, version, id, type, schemaVersion, owner, at, meta, routing, sealed, previousHash, hash]:
    ReadonlyArray<any>
): RecordedEvent => ({
  position,
  stream,
  version,
  id,
  type,
  schemaVersion,
  owner,
  at,
  meta,
  routing,
  private: sealed,
  previousHash,
  hash
})

/** Cuts an ordered query where its bytes run over: what lies before a row decides, so one row always passes. */
const bounded = (where: string, order: "position" | "version"): string => `
  select ${columns} from (
    select ${columns}, sum(weight) over (order by ${order} rows unbounded preceding) - weight as before from (
      select ${columns}, octet_length(private) + octet_length(routing) + octet_length(meta) as weight
      from event where ${where} order by ${order} limit $3
    ) rows
  ) weighed where before < $4 order by ${order}`

/** The part of a `where` that says what a filter says, with its values from `$first` on. */
export const condition = (
  filter: EventFilter | undefined,
  first: number
): { readonly sql: string; readonly values: ReadonlyArray<unknown> } => {
  const values: Array<unknown> = []
  const parts: Array<string> = []
  const add = (value: unknown, part: (name: string) => string) => parts.push(part(`$${first - 1 + values.push(value)}`))
  const { category, owner, since, stream, types, until } = filter ?? {}
  if (stream !== undefined) add(stream, (value) => `stream = ${value}`)
  if (category !== undefined) add(category, (value) => `(stream = ${value} or starts_with(stream, ${value} || '/'))`)
  if (owner !== undefined) add(owner, (value) => `owner = ${value}`)
  if (since !== undefined) add(since, (value) => `at >= ${value}`)
  if (until !== undefined) add(until, (value) => `at <= ${value}`)
  if (types !== undefined) {
    add(types.filter((type) => !type.endsWith(".*")), (exact) => `(type = any (${exact}::text[])`)
    const kinds = types.filter((type) => type.endsWith(".*")).map((type) => type.slice(0, -1))
    const last = parts.pop()!
    add(
      kinds,
      (value) => `${last} or exists (select from unnest(${value}::text[]) kind where starts_with(type, kind)))`
    )
  }
  return { sql: parts.map((part) => ` and ${part}`).join(""), values }
}

/** A filter no index answers is asked of so many positions at a time. */
const scanMax = 100_000

export const make = (pool: Pick<Session, "ask">, limits: PageLimits): Reader => {
  const ask = (doing: string, question: Question): Effect.Effect<Rows, EventStoreError> =>
    failing(doing)(pool.ask(question))
  const pageOf = (rows: Rows, upTo: number): Page => {
    const events = rows.map(recorded)
    const last = events.at(-1)
    const full = events.length === limits.eventsMax ||
      events.reduce((sum, event) => sum + eventBytes(event), 0) >= limits.bytesMax
    return { events, upTo: full && last !== undefined ? last.position : upTo }
  }

  const page: Reader["page"] = (after, end, filter) => {
    const { sql, values } = condition(filter, 5)
    const indexed = filter === undefined || filter.stream !== undefined || filter.owner !== undefined
    const upTo = indexed ? end : Math.min(end, after + scanMax)
    return ask("read the log", {
      ...(filter === undefined ? { name: "page" } : {}),
      text: bounded(`position > $1 and position <= $2${sql}`, filter?.stream === undefined ? "position" : "version"),
      values: [after, upTo, limits.eventsMax, limits.bytesMax, ...values]
    }).pipe(Effect.map((rows) => pageOf(rows, upTo)))
  }

  const streamPage = (stream: string, after: number) =>
    ask("read a stream", {
      name: "stream",
      text: bounded("stream = $1 and version > $2", "version"),
      values: [stream, after, limits.eventsMax, limits.bytesMax]
    }).pipe(Effect.map((rows) => pageOf(rows, Infinity)))

  const head = Effect.map(
    ask("read its head", { name: "head", text: "select last_position from log" }),
    ([row]): number => row![0]
  )

  const readAll: Reader["readAll"] = (after, { filter, upTo = Infinity } = {}) =>
    Stream.unwrap(Effect.map(head, (present) => {
      const end = Math.min(present, upTo)
      return Stream.paginateChunkEffect(after, (seen) =>
        Effect.map(page(seen, end, filter), (page) => [
          Chunk.unsafeFromArray(page.events),
          page.upTo < end ? Option.some(page.upTo) : Option.none()
        ]))
    }))

  return {
    page,
    read: (stream, after) =>
      Stream.paginateChunkEffect(after, (seen) =>
        Effect.map(streamPage(stream, seen), ({ events, upTo }) => [
          Chunk.unsafeFromArray(events),
          upTo < Infinity ? Option.some(events.at(-1)!.version) : Option.none()
        ])),
    readAll,
    find: (eventId) =>
      Effect.map(
        ask("find an event", {
          name: "find",
          text: `select ${columns} from event where event_id = $1`,
          values: [eventId]
        }),
        ([row]) => row === undefined ? null : recorded(row)
      ),
    streamHead: (stream) =>
      Effect.map(
        ask("find a stream's head", {
          name: "stream head",
          text:
            "select version, position, hash from event where stream = $1 order by stream desc, version desc limit 1",
          values: [stream]
        }),
        ([row]) => row === undefined ? null : { version: row[0], position: row[1], hash: row[2] }
      ),
    head
  }
}
