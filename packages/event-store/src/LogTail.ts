/**
 * The newest part of the log in memory, read once for all who follow: a window over the last events. A follower inside the window
 * takes what it needs from it, at its own pace; one that fell out of it reads pages until it is inside again.
 *
 * T1  However many follow, each new event is read from the database once at most; what this process commits itself, not at all.
 * T2  The window is bounded in events and bytes; a slow follower falls out of it and holds nobody.
 * T3  Each follower sees each event once and in order, across paging, falling out and coming back.
 * T4  A database that is away makes followers wait, and what was written meanwhile is not lost on them.
 * T5  Who stops following leaves nothing behind.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { eventBytes } from "./AppendRules.ts"
import { matcher } from "./EventFilter.ts"
import type { EventFilter, RecordedEvent } from "./EventStore.ts"
import type { EventStoreError } from "./EventStoreError.ts"
import type { Page } from "./PostgresReader.ts"
import { isAway } from "./PostgresSession.ts"

export interface TailLimits {
  readonly eventsMax: number
  readonly bytesMax: number
}

export const tailLimits: TailLimits = { eventsMax: 8_192, bytesMax: 8 * 1024 * 1024 }

type ReadPage = (after: number, upTo: number, filter?: EventFilter) => Effect.Effect<Page, EventStoreError>

/** A follower takes so many events from the window at a time. */
const batchMax = 1_000

export class LogTail {
  private readonly readPage: ReadPage
  private readonly limits: TailLimits
  /** Consecutive, ending at `shown`. */
  private window: Array<RecordedEvent> = []
  private bytes = 0
  /** The newest position known to be committed, and the newest one that followers may see. */
  private known: number
  private shown: number
  private reading = false
  private followers = 0
  private failure: EventStoreError | null = null
  private changes = 0
  private readonly waiting = new Set<() => void>()

  constructor(readPage: ReadPage, position: number, limits: TailLimits) {
    this.readPage = readPage
    this.limits = limits
    this.known = position
    this.shown = position
  }

  /** This process committed these. When they continue the window nobody needs to read them. */
  committed(events: ReadonlyArray<RecordedEvent>): void {
    const last = events.at(-1)
    if (last === undefined) return
    if (this.followers > 0 && !this.reading && events[0]!.position === this.shown + 1) {
      this.known = Math.max(this.known, last.position)
      this.show(events)
    } else this.heard(last.position)
  }

  /** The log reaches at least this position. */
  heard(position: number): void {
    if (position <= this.known) return
    this.known = position
    if (this.followers === 0) this.clear(position)
    this.wake()
  }

  /** Brings what others commit into the window, for as long as somebody follows. */
  readonly read: Effect.Effect<never> = Effect.suspend(() => {
    if (this.followers === 0 || this.known <= this.shown) return this.change(this.changes)
    const from = this.shown
    this.reading = true
    return this.readPage(from, this.known).pipe(
      Effect.ensuring(Effect.sync(() => {
        this.reading = false
      })),
      Effect.matchEffect({
        onSuccess: ({ events }) => {
          this.failure = null
          // Unless all who followed left meanwhile, and the window with them.
          if (this.shown === from) this.show(events)
          return Effect.void
        },
        onFailure: (error) => {
          this.failure = isAway(error.cause) ? null : error
          this.wake()
          return Effect.sleep(retryMs)
        }
      })
    )
  }).pipe(Effect.forever)

  follow(after: number, filter: EventFilter | undefined): Stream.Stream<ReadonlyArray<RecordedEvent>, EventStoreError> {
    const follower = Effect.acquireRelease(
      Effect.sync(() => {
        if (this.followers++ === 0) this.failure = null
        this.wake()
        return { seen: after, wanted: matcher(filter) }
      }),
      () =>
        Effect.sync(() => {
          if (--this.followers === 0) this.clear(this.known)
        })
    )
    return Stream.unwrapScoped(Effect.map(follower, (follower) => Stream.repeatEffect(this.next(follower, filter))))
  }

  /** The follower's next batch; never an empty one. */
  private next(
    follower: Follower,
    filter: EventFilter | undefined
  ): Effect.Effect<ReadonlyArray<RecordedEvent>, EventStoreError> {
    const step: Effect.Effect<ReadonlyArray<RecordedEvent>, EventStoreError> = Effect.suspend(() => {
      if (this.failure !== null) return Effect.fail(this.failure)
      if (follower.seen >= this.shown) return Effect.zipRight(this.change(this.changes), step)
      const from = this.window.length - (this.shown - follower.seen)
      return from < 0
        ? Effect.flatMap(this.page(follower.seen, filter), advance)
        : advance(this.slice(from, follower.wanted))
    })
    const advance = ({ events, upTo }: Page) => {
      follower.seen = upTo
      return events.length > 0 ? Effect.succeed(events) : Effect.zipRight(Effect.yieldNow(), step)
    }
    return step
  }

  private slice(from: number, wanted: Follower["wanted"]): Page {
    const events = this.window.slice(from, from + batchMax)
    return { events: events.filter(wanted), upTo: events.at(-1)!.position }
  }

  private page(after: number, filter: EventFilter | undefined): Effect.Effect<Page, EventStoreError> {
    return Effect.retry(Effect.suspend(() => this.readPage(after, this.shown, filter)), {
      while: ({ cause }) => isAway(cause),
      schedule: Schedule.spaced(retryMs)
    })
  }

  private show(events: ReadonlyArray<RecordedEvent>): void {
    if (events.length === 0) return
    for (const event of events) {
      this.window.push(event)
      this.bytes += eventBytes(event)
    }
    this.shown = events.at(-1)!.position
    let gone = Math.max(0, this.window.length - this.limits.eventsMax)
    for (let i = 0; i < gone; i++) this.bytes -= eventBytes(this.window[i]!)
    while (this.bytes > this.limits.bytesMax) this.bytes -= eventBytes(this.window[gone++]!)
    if (gone > 0) this.window.splice(0, gone)
    this.wake()
  }

  private clear(position: number): void {
    this.window = []
    this.bytes = 0
    this.shown = position
  }

  private wake(): void {
    this.changes++
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Answers when anything has changed that a follower or the reader waits for, since it last looked. */
  private change(seen: number): Effect.Effect<void> {
    return Effect.async((resume) => {
      if (this.changes !== seen) return resume(Effect.void)
      const wake = () => resume(Effect.void)
      this.waiting.add(wake)
      return Effect.sync(() => this.waiting.delete(wake))
    })
  }
}

interface Follower {
  seen: number
  readonly wanted: (event: RecordedEvent) => boolean
}

const retryMs = 250
