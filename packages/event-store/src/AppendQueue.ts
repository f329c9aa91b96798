/**
 * Appends between their caller and the committer.
 *
 * Q1  So many appends and so many bytes may be under way; one more is refused with an estimate of when to come again. It never waits.
 * Q2  Appends are taken in the order they came, and those put back come first again.
 * Q3  An append that continues one still under way (it expects the version that one is to reach) falls with it.
 * Q4  An append whose caller went away before it was taken is dropped, and what continues it falls.
 * Q5  When the committer ends, what waits and what still comes fails: nobody waits for an answer that cannot come.
 *
 * What is under way is remembered in eras, from one taking to the next, and an era is let go as a whole. One map that is always added to
 * and taken from is rebuilt again and again, and each table it leaves behind points to the next: the collector then carried every append
 * and all it held into old age, a quarter of what an append cost.
 */
import * as Effect from "effect/Effect"
import type { Accepted } from "./AppendRules.ts"
import type { Appended, AppendError, Expected } from "./EventStore.ts"
import { EventStoreError, Overloaded } from "./EventStoreError.ts"

export interface QueueLimits {
  /** Appends under way at once, waiting or being committed. */
  readonly appendsMax: number
  /** Bytes of the appends under way. One append alone is always let in. */
  readonly bytesMax: number
}

export const queueLimits: QueueLimits = { appendsMax: 10_000, bytesMax: 64 * 1024 * 1024 }

export type Answer = Effect.Effect<Appended, AppendError>

export interface Waiting extends Accepted {
  readonly stream: string
  readonly expected: Expected
  /** The append under way whose end is where this one begins. Let go with the answer, so that no history hangs on it. */
  continues: Waiting | null
  /** When it came, in milliseconds. */
  readonly since: number
  readonly resume: (answer: Answer) => void
  /** When it came, by number: who holds an append must not hold all that came with it. */
  readonly era: number
  /** On its way to the log in a round that keeps it if the round is kept. */
  sent: boolean
  outcome: "under way" | "kept" | "fallen"
  /** How often its stream turned out to stand elsewhere than the committer believed. */
  misses: number
  /** Its stream's head must be read before it can be judged. */
  blind: boolean
}

/** Appends that came between two takings. */
interface Era {
  readonly number: number
  /** The last one of each stream. */
  readonly latest: Map<string, Waiting>
  /** Of them still under way. */
  open: number
}

export const isWaiting = (offered: Waiting | Overloaded | EventStoreError): offered is Waiting => "outcome" in offered

const closedError = new EventStoreError({ doing: "append", cause: new Error("it is closed") })

export class AppendQueue {
  private readonly limits: QueueLimits
  /** The newest comes last. */
  private eras: Array<Era> = [{ number: 0, latest: new Map(), open: 0 }]
  private waiting: Array<Waiting> = []
  private eventsWaiting = 0
  /** Told of each append that comes. */
  wake: (() => void) | null = null
  private appends = 0
  private bytes = 0
  private msPerAppend = 1
  private closed = false

  constructor(limits: QueueLimits) {
    this.limits = limits
  }

  offer(
    stream: string,
    expected: Expected,
    accepted: Accepted,
    since: number,
    resume: (answer: Answer) => void
  ): Waiting | Overloaded | EventStoreError {
    if (this.closed) return closedError
    if (
      this.appends >= this.limits.appendsMax || (this.appends > 0 && this.bytes + accepted.bytes > this.limits.bytesMax)
    ) {
      return new Overloaded({
        retryAfterMs: Math.round(Math.min(5_000, Math.max(20, this.appends * this.msPerAppend)))
      })
    }
    const before = this.latest(stream)
    const continues =
      before !== undefined && typeof before.expected === "number" && expected === before.expected + before.events.length
        ? before
        : null
    const { bytes, events } = accepted
    const era = this.eras.at(-1)!
    const waiting: Waiting = {
      events,
      bytes,
      stream,
      expected,
      continues,
      since,
      resume,
      era: era.number,
      sent: false,
      outcome: "under way",
      misses: 0,
      blind: false
    }
    era.latest.set(stream, waiting)
    era.open++
    this.appends++
    this.bytes += bytes
    this.waiting.push(waiting)
    this.eventsWaiting += events.length
    this.wake?.()
    return waiting
  }

  /** What waits to be taken. */
  get size(): { readonly appends: number; readonly events: number } {
    return { appends: this.waiting.length, events: this.eventsWaiting }
  }

  /** The longest waiting, up to so many appends and bytes together, at least one. */
  take(appendsMax: number, bytesMax: number): Array<Waiting> {
    let count = 0
    let bytes = 0
    while (
      count < this.waiting.length && count < appendsMax &&
      (count === 0 || bytes + this.waiting[count]!.bytes <= bytesMax)
    ) {
      bytes += this.waiting[count]!.bytes
      this.eventsWaiting -= this.waiting[count++]!.events.length
    }
    const { latest, number } = this.eras.at(-1)!
    if (latest.size > 0) this.eras.push({ number: number + 1, latest: new Map(), open: 0 })
    return this.waiting.splice(0, count).filter((waiting) => waiting.outcome === "under way")
  }

  putBack(earlier: ReadonlyArray<Waiting>): void {
    if (earlier.length > 0) this.wait([...earlier, ...this.waiting])
  }

  /** Nobody commits any more: what waits fails, and so does whatever comes. */
  close(): void {
    this.closed = true
    for (const waiting of this.takeOlder(Infinity)) this.answer(waiting, false, Effect.fail(closedError))
  }

  /** All that came before a moment and still wait. */
  takeOlder(moment: number): Array<Waiting> {
    const older = this.waiting.filter(({ since }) => since <= moment)
    this.wait(this.waiting.filter(({ since }) => since > moment))
    return older
  }

  answer(waiting: Waiting, kept: boolean, answer: Answer): void {
    if (this.settle(waiting, kept ? "kept" : "fallen")) waiting.resume(answer)
  }

  /** The caller went away. One that is being committed goes its way; nobody hears of it. */
  abandon(waiting: Waiting): void {
    if (this.waiting.includes(waiting)) this.settle(waiting, "fallen")
  }

  /** What the last round took, for the estimates. */
  observe(appends: number, ms: number): void {
    if (appends > 0) this.msPerAppend += (ms / appends - this.msPerAppend) / 8
  }

  private settle(waiting: Waiting, outcome: "kept" | "fallen"): boolean {
    if (waiting.outcome !== "under way") return false
    waiting.outcome = outcome
    waiting.continues = null
    this.appends--
    this.bytes -= waiting.bytes
    const era = this.eras.find(({ number }) => number === waiting.era)!
    if (--era.open === 0) this.eras = this.eras.filter(({ open }, i) => open > 0 || i === this.eras.length - 1)
    return true
  }

  /** The append under way that came last to a stream. */
  private latest(stream: string): Waiting | undefined {
    for (let i = this.eras.length - 1; i >= 0; i--) {
      const latest = this.eras[i]!.latest.get(stream)
      if (latest !== undefined) return latest.outcome === "under way" ? latest : undefined
    }
    return undefined
  }

  private wait(waiting: Array<Waiting>): void {
    this.waiting = waiting
    this.eventsWaiting = waiting.reduce((sum, { events }) => sum + events.length, 0)
  }
}
