/** The event store's twin in memory: the same promises (S1-S8), kept as plainly as they can be said. Lost with the process. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { accept, appendLimits, type Events } from "./AppendRules.ts"
import { matcher } from "./EventFilter.ts"
import { eventHash, noHash } from "./EventHash.ts"
import type { Appended, EventFilter, EventStore, Expected, NewEvent, RecordedEvent } from "./EventStore.ts"
import { EventIdTaken, streamMoved } from "./EventStoreError.ts"
import { appended } from "./Place.ts"
import { stated } from "./Stated.ts"

const pageEvents = 500

/** Nobody outside may hold the log's own bytes. */
const copyOf = ({ [stated]: _, ...event }: RecordedEvent): RecordedEvent => ({
  ...event,
  meta: new Uint8Array(event.meta),
  routing: new Uint8Array(event.routing),
  private: new Uint8Array(event.private),
  previousHash: new Uint8Array(event.previousHash),
  hash: new Uint8Array(event.hash)
})

/** As followers get it. */
const followedOf = (event: RecordedEvent): RecordedEvent =>
  event[stated] === undefined ? copyOf(event) : { ...copyOf(event), [stated]: event[stated] }

interface Pending {
  /** The append under way that this one continues. */
  after: Pending | null
  /** The version the stream is to reach, if it was said. */
  readonly end: number | null
  fell: boolean
}

/** All there is: one array in commit order, and two ways to look into it. */
class Log {
  readonly all: Array<RecordedEvent> = []
  private readonly byStream = new Map<string, Array<RecordedEvent>>()
  private readonly byId = new Map<string, RecordedEvent>()
  private readonly latest = new Map<string, Pending>()
  private waiting: Array<() => void> = []

  /** An append is under way from when it came until it is answered. */
  begin(stream: string, expected: Expected, events: number): Pending {
    const before = this.latest.get(stream)
    const follows = before !== undefined && before.end === expected
    const pending: Pending = {
      after: follows ? before : null,
      end: typeof expected === "number" ? expected + events : null,
      fell: false
    }
    this.latest.set(stream, pending)
    return pending
  }

  end(stream: string, pending: Pending, kept: boolean): void {
    pending.fell = !kept
    pending.after = null
    if (this.latest.get(stream) === pending) this.latest.delete(stream)
  }

  stream(name: string): ReadonlyArray<RecordedEvent> {
    return this.byStream.get(name) ?? []
  }

  event(id: string): RecordedEvent | undefined {
    return this.byId.get(id)
  }

  /** The first place of this very append, a refusal, or nothing: the ids are new. */
  stated(stream: string, events: Events): Appended | EventIdTaken | undefined {
    const found = events.map(({ id }) => this.byId.get(id))
    const taken = found.find((event) => event !== undefined)
    if (taken === undefined) return undefined
    const first = found[0]
    return first !== undefined && first.stream === stream &&
        found.every((event, i) => event?.position === first.position + i && event.stream === stream)
      ? appended(first, found.at(-1)!, true)
      : new EventIdTaken({ id: taken.id, stream: taken.stream })
  }

  keep(stream: string, events: ReadonlyArray<NewEvent>): Appended {
    const its = this.byStream.get(stream) ?? []
    this.byStream.set(stream, its)
    for (const event of events) {
      const header = { ...event, stream, version: its.length + 1, previousHash: its.at(-1)?.hash ?? noHash() }
      const kept = { ...header, position: this.all.length + 1, hash: eventHash(header) }
      this.all.push(kept)
      its.push(kept)
      this.byId.set(kept.id, kept)
    }
    const waiting = this.waiting
    this.waiting = []
    for (const wake of waiting) wake()
    return appended(its.at(-events.length)!, its.at(-1)!, false)
  }

  /** Answers when the log goes beyond a position. */
  beyond(position: number): Effect.Effect<void> {
    return Effect.async((resume) => {
      if (this.all.length > position) return resume(Effect.void)
      const wake = () => resume(Effect.void)
      this.waiting.push(wake)
      return Effect.sync(() => this.waiting.splice(this.waiting.indexOf(wake) >>> 0, 1))
    })
  }
}

const stands = (expected: Expected, version: number): boolean =>
  expected === "any" || (expected === "exists" ? version > 0 : expected === version)

const decide = (log: Log, stream: string, expected: Expected, events: Events, fallen: boolean) => {
  const stated = log.stated(stream, events)
  if (stated !== undefined) return stated
  const actual = log.stream(stream).length
  return !fallen && stands(expected, actual) ? log.keep(stream, events) : streamMoved({ stream, expected, actual })
}

/** What is there when the reading begins; copied page by page. */
const pages = (events: () => ReadonlyArray<RecordedEvent>): Stream.Stream<RecordedEvent> =>
  Stream.suspend(() => Stream.fromIterable(events()).pipe(Stream.map(copyOf), Stream.rechunk(pageEvents)))

const follow = (
  log: Log,
  after: number,
  filter: EventFilter | undefined
): Stream.Stream<ReadonlyArray<RecordedEvent>> =>
  Stream.suspend(() => {
    const wanted = matcher(filter)
    let seen = after
    const next: Effect.Effect<ReadonlyArray<RecordedEvent>> = Effect.suspend(() => {
      const page = log.all.slice(seen, seen + pageEvents)
      seen += page.length
      const batch = page.filter(wanted)
      if (batch.length > 0) return Effect.succeed(batch.map(followedOf))
      return Effect.zipRight(page.length > 0 ? Effect.yieldNow() : log.beyond(seen), next)
    })
    return Stream.repeatEffect(next)
  })

export const make: Effect.Effect<EventStore["Type"]> = Effect.sync(() => {
  const log = new Log()
  return {
    append: Effect.fn("EventStore.append")(function*(stream: string, expected: Expected, offered: Events) {
      const { events } = yield* accept(stream, offered, appendLimits)
      const pending = log.begin(stream, expected, events.length)
      // Others may come meanwhile, as they may while a database is at work.
      yield* Effect.onInterrupt(Effect.yieldNow(), () => Effect.sync(() => log.end(stream, pending, false)))
      const answer = decide(log, stream, expected, events, pending.after?.fell === true)
      log.end(stream, pending, !(answer instanceof Error) && (!answer.duplicate || answer.lastVersion === pending.end))
      return yield* answer instanceof Error ? answer : Effect.succeed(answer)
    }),
    read: (stream, after = 0) => pages(() => log.stream(stream).slice(after)),
    readAll: (after, { filter, upTo = Infinity } = {}) =>
      pages(() => log.all.slice(after, Math.min(upTo, log.all.length)).filter(matcher(filter))),
    follow: (after, { filter } = {}) => follow(log, after, filter),
    find: (eventId) =>
      Effect.sync(() => {
        const found = log.event(eventId)
        return found === undefined ? null : copyOf(found)
      }),
    streamHead: (stream) =>
      Effect.sync(() => {
        const last = log.stream(stream).at(-1)
        return last === undefined
          ? null
          : { version: last.version, position: last.position, hash: new Uint8Array(last.hash) }
      }),
    head: Effect.sync(() => log.all.length)
  }
})
