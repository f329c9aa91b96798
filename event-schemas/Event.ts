/**
 * An event contract: one tag, and every shape its two parts have ever had.
 *
 * The routing part is plain: ids, states, sizes, times, what a node needs to route and to build the registry.
 * The private part is content, names and free text; it leaves this room only as bytes that the host seals.
 * The last shape is the one the program speaks; the older ones are only read, and lifted step by step.
 *
 * E1  What is encoded decodes to the same event.
 * E2  Older versions are lifted to the newest shape.
 * E3  An unknown tag or a newer version is carried, never dropped.
 * E4  The routing part can be read without the private part, and holds nothing of it.
 * E5  An event that has nothing private is whole without its private part.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Canonical from "./Canonical.ts"
import * as Guard from "./Guard.ts"

type Fields = Schema.Struct.Fields

/** The two parts of one version. */
export interface Parts<R extends Fields, P extends Fields> {
  readonly routing: R
  readonly private: P
}

/** A part's schema, and the guard that knows fast when there is nothing to do. */
interface Part extends Schema.Schema<any, any> {
  readonly names: ReadonlyArray<string>
  readonly isPlain: (value: unknown) => boolean
}

interface Version {
  readonly routing: Part
  readonly private: Part
  readonly lift: Lift<any, any, any, any>
}

/** One step up: each part on its own, so that the routing part never needs what is sealed. */
export interface Lift<R0, P0, R1, P1> {
  readonly routing: (older: R0) => R1
  readonly private: (older: P0, routing: R0) => P1
}

export interface Event<Tag extends string, Routing, Private> {
  readonly tag: Tag
  readonly versions: readonly [Version, ...Array<Version>]
  /** States the event in its newest shape. */
  (payload: Routing & Private): { readonly _tag: Tag } & Routing & Private
  /** Lays a newer shape on top. A published shape is never edited. */
  next<R extends Fields, P extends Fields>(
    parts: Parts<R, P>,
    lift: Lift<Routing, Private, Schema.Struct.Type<R>, Schema.Struct.Type<P>>
  ): Event<Tag, Schema.Struct.Type<R>, Schema.Struct.Type<P>>
}

export type Any = Event<any, any, any>
/** The whole event, both parts. */
export type Type<E> = E extends Event<infer Tag, infer R, infer P> ? { readonly _tag: Tag } & R & P : never
/** What can be read of an event without any key. */
export type Routing<E> = E extends Event<infer Tag, infer R, any> ? { readonly _tag: Tag } & R : never

/** How an event lies in the store, before sealing: `routing` and `private` are canonical bytes. */
export interface Stored {
  readonly type: string
  readonly schemaVersion: number
  readonly routing: Uint8Array
  readonly private: Uint8Array
}

/** An event this build cannot read: a tag or version from a newer node, or bytes that are not its shape. */
export interface UnknownEvent {
  readonly _tag: "UnknownEvent"
  readonly type: string
  readonly schemaVersion: number
  readonly reason: string
}

/** All events one kind of actor can state: its whole vocabulary. */
export interface Vocabulary<E extends Any> {
  readonly events: ReadonlyArray<E>
  readonly encode: (event: Type<E>) => Stored
  readonly decode: (stored: Stored) => Type<E> | UnknownEvent
  readonly decodeRouting: (stored: Omit<Stored, "private">) => Routing<E> | UnknownEvent
  /** The whole event where nothing of it is private, so that no key is needed; else null. */
  readonly decodeKeyless: (stored: Omit<Stored, "private">) => Type<E> | UnknownEvent | null
}

const keep: Lift<any, any, any, any> = { routing: (older) => older, private: (older) => older }

const build = (tag: string, versions: ReadonlyArray<Version>): Any =>
  Object.assign((payload: object) => ({ _tag: tag, ...payload }), {
    tag,
    versions,
    next: (parts: Parts<any, any>, lift: Lift<any, any, any, any>) =>
      build(tag, [...versions.slice(0, -1), { ...versions.at(-1)!, lift }, version(parts)])
  }) as unknown as Any

/** A part without fields. `Schema.Struct({})` alone takes and gives anything: what belongs to the other part would get into it. */
const Nothing = Schema.transform(
  Schema.Struct({}).annotations({ jsonSchema: { type: "object", properties: {}, additionalProperties: false } }),
  Schema.Struct({}),
  { strict: true, decode: () => ({}), encode: () => ({}) }
)

const part = (fields: Fields): Part => {
  const schema = Object.keys(fields).length === 0 ? Nothing : Schema.Struct(fields)
  return Object.assign(schema as unknown as Schema.Schema<any, any>, {
    names: Object.keys(fields),
    isPlain: Guard.of(schema)
  })
}

const version = (parts: Parts<Fields, Fields>): Version => ({
  routing: part(parts.routing),
  private: part(parts.private),
  lift: keep
})

/** A new event in its first shape. Its tag is its address: `circle.MemberAdded` lives in `circle/MemberAdded.ts`. */
export const make = <const Tag extends string, R extends Fields, P extends Fields>(
  tag: Tag,
  parts: Parts<R, P>
): Event<Tag, Schema.Struct.Type<R>, Schema.Struct.Type<P>> => build(tag, [version(parts)])

const unknown = (stored: { readonly type: string; readonly schemaVersion: number }, reason: string): UnknownEvent => ({
  _tag: "UnknownEvent",
  type: stored.type,
  schemaVersion: stored.schemaVersion,
  reason
})

/** Narrow an answer of `decode`. */
export const isUnknown = (event: { readonly _tag: string }): event is UnknownEvent => event._tag === "UnknownEvent"

const decodePart = (schema: Part, bytes: Uint8Array): Either.Either<any, string> =>
  Either.try({ try: () => Canonical.decode(bytes), catch: (cause) => `not canonical CBOR: ${String(cause)}` }).pipe(
    Either.flatMap((value) =>
      schema.isPlain(value)
        ? Either.right(value)
        : Either.mapLeft(Schema.decodeUnknownEither(schema)(value), (error) => error.message)
    )
  )

/** The private part of an event that has none. */
const empty = Canonical.encode({})

const encodePart = (schema: Part, payload: Readonly<Record<string, unknown>>): Uint8Array => {
  const own = Object.fromEntries(schema.names.map((field) => [field, payload[field]]))
  return Canonical.encode(schema.isPlain(own) ? own : Schema.encodeSync(schema)(own))
}

/** Gathers events into a vocabulary: how they are written, and how whatever was written is read today. */
export const vocabulary = <const Events extends ReadonlyArray<Any>>(...events: Events): Vocabulary<Events[number]> => {
  const byTag = new Map(events.map((event) => [event.tag as string, event]))
  const known = (stored: { readonly type: string; readonly schemaVersion: number }) =>
    stored.schemaVersion < 1 ? [] : byTag.get(stored.type)?.versions.slice(stored.schemaVersion - 1) ?? []

  const read = (stored: Omit<Stored, "private">, secret: Uint8Array | null): any => {
    const versions = known(stored)
    const oldest = versions[0]
    if (oldest === undefined) return unknown(stored, "no such event or version in this build")
    const routing = decodePart(oldest.routing, stored.routing)
    if (Either.isLeft(routing)) return unknown(stored, `routing part: ${routing.left}`)
    const sealed = secret === null ? Either.right(undefined) : decodePart(oldest.private, secret)
    if (Either.isLeft(sealed)) return unknown(stored, `private part: ${sealed.left}`)
    let parts = { routing: routing.right, private: sealed.right }
    for (const { lift } of versions) {
      parts = {
        routing: lift.routing(parts.routing),
        private: secret === null ? undefined : lift.private(parts.private, parts.routing)
      }
    }
    return { _tag: stored.type, ...parts.routing, ...parts.private }
  }

  return {
    events,
    encode: ({ _tag, ...payload }: any) => {
      const { versions } = byTag.get(_tag)!
      const newest = versions.at(-1)!
      return {
        type: _tag,
        schemaVersion: versions.length,
        routing: encodePart(newest.routing, payload),
        private: encodePart(newest.private, payload)
      }
    },
    decode: (stored) => read(stored, stored.private),
    decodeRouting: (stored) => read(stored, null),
    decodeKeyless: (stored) => {
      const versions = known(stored)
      return versions.length > 0 && versions.every((version) => version.private.names.length === 0)
        ? read(stored, empty)
        : null
    }
  }
}
