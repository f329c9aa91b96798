/**
 * The shapes of events as JSON Schema: of every version, both parts. `published.json` keeps those that ever went out.
 *
 * P1  What is published stays as it is, and everything there is is published.
 */
import * as JSONSchema from "effect/JSONSchema"
import type * as Event from "./Event.ts"

/** By `<tag>.v<version>`. */
export type Shapes = Readonly<Record<string, unknown>>

/** Titles and descriptions are wording, not shape. The properties of an object may be called so all the same. */
const bare = (schema: unknown, names = false): unknown => {
  if (Array.isArray(schema)) return schema.map((one) => bare(one))
  if (typeof schema !== "object" || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => names || !["$schema", "title", "description"].includes(key))
      .map(([key, part]) => [key, bare(part, !names && (key === "properties" || key === "$defs"))])
  )
}

/** The shape of every version of every event. */
export const shapesOf = (vocabularies: Iterable<Event.Vocabulary<any>>): Shapes =>
  Object.fromEntries(
    [...vocabularies].flatMap(({ events }) => events).flatMap(({ tag, versions }: Event.Any) =>
      versions.map((version, i) => [
        `${tag}.v${i + 1}`,
        { routing: bare(JSONSchema.make(version.routing)), private: bare(JSONSchema.make(version.private)) }
      ])
    ).toSorted(([a], [b]) => String(a) < String(b) ? -1 : 1)
  )

/** What the page of published shapes must become, and what must not have happened. */
export interface Publication {
  readonly page: Shapes
  readonly added: ReadonlyArray<string>
  /** Published shapes that are another now, or gone. */
  readonly broken: ReadonlyArray<string>
}

/** Adds what is new; what is published is kept, whatever the sources say now. */
export const publish = (published: Shapes, shapes: Shapes): Publication => {
  const page = { ...shapes, ...published }
  const text = (shape: unknown) => JSON.stringify(shape)
  return {
    page: Object.fromEntries(Object.keys(page).toSorted().map((name) => [name, page[name]])),
    added: Object.keys(shapes).filter((name) => !(name in published)),
    broken: Object.keys(published).filter((name) => text(published[name]) !== text(shapes[name]))
  }
}
