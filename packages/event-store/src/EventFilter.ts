/**
 * Which events somebody wants to see, asked of one event in memory. What a database is asked in its own words is held to this.
 *
 * F1  Every given part must hold; a filter with no part lets everything through.
 * F2  `circle.*` means every event of the actor kind `circle`; the category of a stream is what stands before its first slash.
 */
import type { EventFilter, RecordedEvent } from "./EventStore.ts"

/** A question asked many times is prepared once. */
export const matcher = (filter: EventFilter | undefined): (event: RecordedEvent) => boolean => {
  if (filter === undefined) return () => true
  const { category, owner, since = -Infinity, stream, types, until = Infinity } = filter
  const exact = new Set(types?.filter((type) => !type.endsWith(".*")))
  const kinds = types?.filter((type) => type.endsWith(".*")).map((type) => type.slice(0, -1))
  return (event) =>
    (stream === undefined || event.stream === stream) &&
    (category === undefined || categoryOf(event.stream) === category) &&
    (owner === undefined || event.owner === owner) &&
    (types === undefined || exact.has(event.type) || kinds!.some((kind) => event.type.startsWith(kind))) &&
    event.at >= since && event.at <= until
}

/** `document` of `document/d1`. */
export const categoryOf = (stream: string): string => {
  const slash = stream.indexOf("/")
  return slash < 0 ? stream : stream.slice(0, slash)
}
