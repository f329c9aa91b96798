/**
 * What a filter says in the words of PostgreSQL, and along which index its events are found in the order of the log.
 *
 * N1  A filter of category, types or owner walks an index that has nothing else in it, however long the log and whatever the
 *     statistics say.
 * N2  What it finds is what the filter means, in whatever combination.
 *
 * The index `event_kind` holds the events of each category and type in the order of the log. A filter names some of these kinds:
 * they are merged, so that a page costs what it holds. Which kinds there are is read off the index itself, a step for each.
 */
import pg from "pg"
import type { EventFilter } from "./EventStore.ts"

/** An event's category and type. */
export interface Kind {
  readonly category: string
  readonly type: string
}

/** The position, as this index alone says it: a walk ordered by it takes no other index that looked cheaper. */
export const place = "(position + 0)"

const literal = pg.escapeLiteral
/** As the index says it. */
const category = "split_part(stream, '/', 1)"

/** All kinds that ever came, by one step in the index for each: a question that costs the same however long the log is. */
export const kinds = `
  with recursive kind as (
    (select ${category} as category, type from event order by ${category}, type limit 1)
    union all
    select next.category, next.type from kind cross join lateral (
      select ${category} as category, type from event where (${category}, type) > (kind.category, kind.type)
      order by ${category}, type limit 1
    ) next
  ) select category, type from kind`

/** More kinds than these are not merged: nobody states so many, and a query would be as long. */
const mergedMax = 64

const isKindOf = (wanted: string, type: string) =>
  wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted

/** How the events between two positions that pass a filter are asked for. */
export interface Course {
  /** One condition for each walk along an index; the walks are merged. None: no event can pass. */
  readonly walks: ReadonlyArray<string>
  /** What each walk is ordered by; versions of one stream are in the order of the log as well. */
  readonly order: "position" | "version" | typeof place
  /** Whether walks meet events that do not pass, and so may go far for few. */
  readonly passesOver: boolean
}

/** Whether the way of a filter depends on which kinds there are. */
export const needsKinds = ({ category, owner, stream, types }: EventFilter): boolean =>
  stream === undefined && owner === undefined && (category !== undefined || types !== undefined)

export const courseOf = (filter: EventFilter, known: ReadonlyArray<Kind>): Course => {
  const { owner, since, stream, types, until } = filter
  const times = [
    ...since === undefined ? [] : [`at >= ${Number(since)}`],
    ...until === undefined ? [] : [`at <= ${Number(until)}`]
  ]
  if (needsKinds(filter)) {
    const wanted = known.filter((kind) =>
      (filter.category === undefined || kind.category === filter.category) &&
      (types === undefined || types.some((type) => isKindOf(type, kind.type)))
    )
    if (wanted.length <= mergedMax) {
      const walks = wanted.map((kind) =>
        [`${category} = ${literal(kind.category)}`, `type = ${literal(kind.type)}`, ...times].join(" and ")
      )
      return { walks, order: place, passesOver: times.length > 0 }
    }
  }
  const kindly = [
    ...filter.category === undefined ? [] : [`${category} = ${literal(filter.category)}`],
    ...types === undefined ? [] : [typeIs(types)]
  ]
  const indexed = stream !== undefined
    ? [`stream = ${literal(stream)}`, ...owner === undefined ? [] : [`owner = ${literal(owner)}`]]
    : owner !== undefined
    ? [`owner = ${literal(owner)}`]
    : []
  const all = [...indexed, ...kindly, ...times]
  // A stream is never long enough to matter.
  return {
    walks: [all.length === 0 ? "true" : all.join(" and ")],
    order: stream === undefined ? "position" : "version",
    passesOver: stream === undefined && all.length > indexed.length
  }
}

const typeIs = (types: ReadonlyArray<string>): string => {
  const exact = types.filter((type) => !type.endsWith(".*"))
  const starts = types.filter((type) => type.endsWith(".*")).map((type) =>
    `starts_with(type, ${literal(type.slice(0, -1))})`
  )
  return `(${[`type = any (${texts(exact)})`, ...starts].join(" or ")})`
}

const texts = (values: ReadonlyArray<string>): string => `array[${values.map(literal).join(",")}]::text[]`
