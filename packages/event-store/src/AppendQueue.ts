/**
 * Appends between their caller and the committer.
 *
 * Q1  So many appends and so many bytes may be under way; one more is refused with an estimate of when to come again. It never waits.
 * Q2  Appends are taken in the order they came, and those put back come first again.
 * Q3  An append that continues one still under way (it expects the version that one is to reach) falls with it.
 * Q4  An append whose caller went away before it was taken is dropped, and what continues it falls.
 * Q5  When the committer ends, what waits and what still comes fails: nobody waits for an answer that cannot come.
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
  outcome: "under way" | "kept" | "fallen"
  /** How often its stream turned out to stand elsewhere than the committer believed. */
  misses: number
  /** Its stream's head must be read before it can be judged. */
  blind: boolean
}

export const isWaiting = (offered: Waiting | Overloaded | EventStoreError): offered is Waiting => "outcome" in offered

const closedError = new EventStoreError({ doing: "append", cause: new Error("it is closed") })

export class AppendQueue {
  private readonly limits: QueueLimits
  private readonly latest = new Map<string, Waiting>()
  private waiting: Array<Waiting> = []
  private wake: (() => void) | null = null
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
    const before = this.latest.get(stream)
    const continues =
      before !== undefined && typeof before.expected === "number" && expected === before.expected + before.events.length
        ? before
        : null
    const { bytes, events } = accepted
    const waiting: Waiting = {
      events,
      bytes,
      stream,
      expected,
      continues,
      since,
      resume,
      outcome: "under way",
      misses: 0,
      blind: false
    }
    this.latest.set(stream, waiting)
    this.appends++
    this.bytes += accepted.bytes
    this.waiting.push(waiting)
    this.wake?.()
    return waiting
  }

  /** Answers when at least one append waits. */
  readonly some: Effect.Effect<void> = Effect.async((resume) => {
    if (this.waiting.length > 0) return resume(Effect.void)
    this.wake = () => {
      this.wake = null
      resume(Effect.void)
    }
    return Effect.sync(() => {
      this.wake = null
    })
  })

  /** The longest waiting, up to so many appends and bytes together, at least one. */
  take(appendsMax: number, bytesMax: number): Array<Waiting> {
    let count = 0
    let bytes = 0
    while (
      count < this.waiting.length && count < appendsMax &&
      (count === 0 || bytes + this.waiting[count]!.bytes <= bytesMax)
    ) {
      bytes += this.waiting[count++]!.bytes
    }
    return this.waiting.splice(0, count).filter((waiting) => waiting.outcome === "under way")
  }

  putBack(earlier: ReadonlyArray<Waiting>): void {
    if (earlier.length > 0) this.waiting = [...earlier, ...this.waiting]
  }

  /** Nobody commits any more: what waits fails, and so does whatever comes. */
  close(): void {
    this.closed = true
    for (const waiting of this.takeOlder(Infinity)) this.answer(waiting, false, Effect.fail(closedError))
  }

  /** All that came before a moment and still wait. */
  takeOlder(moment: number): Array<Waiting> {
    const older = this.waiting.filter(({ since }) => since <= moment)
    this.waiting = this.waiting.filter(({ since }) => since > moment)
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
    if (this.latest.get(waiting.stream) === waiting) this.latest.delete(waiting.stream)
    return true
  }
}
