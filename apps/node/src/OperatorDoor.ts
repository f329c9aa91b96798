/** Answers the operator's questions: the event history, replay, rebuild, comparison, audit, health. */
import type * as Actor from "@vivim/actor/Actor"
import { fold } from "@vivim/actor/Actor"
import {
  EventRecord,
  NoSuchStream,
  OperatorViews,
  RebuildReport,
  ReplayedState,
  ViewComparison
} from "@vivim/contract/Operator"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import { NoSuchView } from "@vivim/contract/View"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Event from "@vivim/event-schemas/Event"
import { nodeItself } from "@vivim/event-schemas/ids"
import * as Meta from "@vivim/event-schemas/Meta"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import { weatherproof } from "@vivim/projection/Doorway"
import { Views } from "@vivim/projection/Views"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { audit } from "./Audit.ts"
import { Health } from "./Health.ts"
import { told } from "./Told.ts"

/** What JSON can say of it: bytes are base64url. */
const readable = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64url")
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, readable(part)]))
}

/** Events handed over at once. */
const PageMax = 200

export const record = (event: RecordedEvent): EventRecord => {
  const meta = Effect.runSync(Effect.option(Effect.try(() => Meta.decode(event.meta)))).pipe(Option.getOrNull)
  return new EventRecord({
    position: event.position,
    stream: event.stream,
    version: event.version,
    id: event.id,
    type: event.type,
    schemaVersion: event.schemaVersion,
    owner: event.owner,
    at: event.at,
    by: meta?.by ?? null,
    device: meta?.device ?? null,
    commandId: meta?.commandId ?? null,
    causationId: meta?.causationId ?? null,
    correlationId: meta?.correlationId ?? null,
    routing: readable(Canonical.decode(event.routing)),
    sealedBytes: event.private.length,
    hash: Buffer.from(event.hash).toString("hex")
  })
}

type Question = { readonly [K in "stream" | "category" | "owner"]?: string | undefined } & {
  readonly types?: ReadonlyArray<string> | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly after?: number | undefined
  readonly upTo?: number | undefined
  readonly limit?: number | undefined
  readonly follow?: boolean | undefined
}

const readEvents = ({ after = 0, follow, limit, upTo, ...filter }: Question) =>
  Stream.unwrap(Effect.map(EventStore, (eventStore) => {
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
    const events = follow === true
      ? Stream.flattenIterables(eventStore.follow(after, { filter: given }))
      : eventStore.readAll(after, { filter: given, ...upTo === undefined ? {} : { upTo } })
    const some = limit === undefined ? events : Stream.take(events, limit)
    return follow === true
      ? Stream.map(Stream.chunks(some), (chunk) => [...chunk].map(record))
      : Stream.map(Stream.grouped(some, PageMax), (chunk) => [...chunk].map(record))
  }))

/** The state of one stream, folded by its own actor. Only its owner may have it unfolded: the fold reads what is private. */
const replay = Effect.fn("OperatorDoor.replay")(function*(
  actors: ReadonlyArray<Actor.Any>,
  asked: {
    readonly kind: string
    readonly id: string
    readonly version?: number | undefined
    readonly position?: number | undefined
  }
) {
  const eventStore = yield* EventStore
  const cipher = yield* PayloadCipher
  const { userId } = yield* CurrentSession
  const stream = `${asked.kind}/${asked.id}`
  const actor = actors.find(({ address }) => address.kind === asked.kind)
  if (actor === undefined) return yield* new NoSuchStream({ stream })
  const events = [
    ...(yield* eventStore.read(stream).pipe(
      Stream.takeWhile(({ position, version }) =>
        version <= (asked.version ?? Infinity) && position <= (asked.position ?? Infinity)
      ),
      Stream.runCollect
    ))
  ]
  const last = events.at(-1)
  if (last === undefined || (last.owner !== userId && last.owner !== nodeItself)) {
    return yield* new NoSuchStream({ stream })
  }
  let state = actor.initial
  for (const event of events) {
    const decoded: any = actor.events.decode({ ...event, private: yield* EventSeal.open(cipher, event) })
    if (!Event.isUnknown(decoded)) state = fold(actor, state, [decoded])
  }
  return new ReplayedState({
    stream,
    version: last.version,
    position: last.position,
    state: readable(yield* Schema.encode(actor.snapshot.schema)(state))
  })
})

const Doors = OperatorViews.middleware(SessionGuard)
type Ground = EventStore | PayloadCipher | Views | Health

/** `actors` are those whose streams can be replayed. */
export const handlers = (actors: ReadonlyArray<Actor.Any>) =>
  Doors.toLayer(Effect.gen(function*() {
    const ground = yield* Effect.context<Ground>()
    const views = yield* Views
    const health = yield* Health
    const calm = <A, E extends { readonly _tag: string }, R>(doing: string, stream: Stream.Stream<A, E, R>) =>
      Stream.provideSomeContext(Stream.catchAll(stream, (error) => weatherproofStream(doing, error)), ground)
    return {
      ReadEvents: (question) => calm("read the events", readEvents(question)),
      ReplayStream: (asked) =>
        Effect.provide(weatherproof("replay the stream", replay(actors, asked), ["NoSuchStream"]), ground),
      CompareViews: () =>
        calm(
          "compare the views",
          told((report) =>
            Effect.map(views.compare(report), (compared) =>
              new ViewComparison({
                equal: compared.every(({ differences }) => differences.length === 0),
                upTo: compared.reduce((most, { upTo }) => Math.max(most, upTo), 0),
                views: compared.map(({ differences, rows, view }) => ({
                  view,
                  rows,
                  equal: differences.length === 0,
                  differences
                }))
              }))
          )
        ),
      RebuildView: ({ view }) => {
        if (!views.names.includes(view)) return Stream.fail(new NoSuchView({ view, known: [...views.names] }))
        return calm(
          "rebuild the view",
          told((report) =>
            Effect.map(
              views.rebuild(view, report)!,
              ({ position }) => new RebuildReport({ view, events: position, position })
            )
          )
        )
      },
      AuditLog: () => calm("audit the log", audit),
      WatchNode: () => Stream.repeatEffectWithSchedule(health.read, Schedule.spaced("2 seconds"))
    }
  }))

const weatherproofStream = (doing: string, error: { readonly _tag: string }) =>
  Stream.fromEffect(weatherproof(doing, Effect.fail(error)))
