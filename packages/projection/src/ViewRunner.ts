/**
 * Runs one view: reads the log from the view's checkpoint, hands it batches of facts, and wakes whoever watches what they touched.
 *
 * W1  Every fact reaches the view once, in order, whatever crashes between.
 * W2  A view that fails stops alone, says at which event, and is tried again from there: the event before is in, the one after waits.
 * W3  Rebuilding leaves the serving rows in place and up to date until the new ones have caught up.
 * W4  An event of a newer build is passed over with a word in the log; it stays in the event store.
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import type { Cipher } from "@vivim/crypto/Cipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Event from "@vivim/event-schemas/Event"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as Fact from "./Fact.ts"
import type { Report } from "./Progress.ts"
import { type Target, type View, ViewFailure } from "./View.ts"

/** Facts handed to a view at once: enough to share a transaction, few enough to leave the process responsive. */
const BatchMax = 256

/** Batches of the log that wait for a view at work. */
const InboxMax = 64

export interface Status {
  readonly position: number
  /** What stopped the view last, or null while it runs. */
  readonly failure: string | null
}

interface Runner {
  readonly view: View
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly cipher: Cipher
  readonly reactivity: Context.Tag.Service<Reactivity.Reactivity>
  readonly status: SubscriptionRef.SubscriptionRef<Status>
  /** Held while the serving rows are written, so that a swap or a comparison finds them still. */
  readonly gate: Effect.Semaphore
  /** One rebuild or comparison at a time. */
  readonly bench: Effect.Semaphore
  readonly types: ReadonlySet<string>
}

/** Starts the view and leaves it running as long as the scope. */
export const start = Effect.fnUntraced(function*(view: View) {
  const runner: Runner = {
    view,
    eventStore: yield* EventStore,
    cipher: yield* PayloadCipher,
    reactivity: yield* Reactivity.Reactivity,
    status: yield* SubscriptionRef.make<Status>({ position: 0, failure: null }),
    gate: yield* Effect.makeSemaphore(1),
    bench: yield* Effect.makeSemaphore(1),
    types: new Set(view.reads.events.map(({ tag }: Event.Any) => tag as string))
  }
  yield* live(runner).pipe(
    // A bug in a view is a failure of that view like any other.
    Effect.sandbox,
    Effect.tapError((cause) =>
      Effect.zipRight(
        Effect.logError(`view ${view.name} stopped`, cause),
        SubscriptionRef.update(runner.status, (now) => ({ ...now, failure: reason(cause) }))
      )
    ),
    Effect.retry(again),
    Effect.forkScoped
  )
  return {
    view,
    status: runner.status,
    rebuild: (report: Report) => runner.bench.withPermits(1)(Effect.scoped(rebuild(runner, report))),
    compare: (report: Report) => runner.bench.withPermits(1)(Effect.scoped(compare(runner, report)))
  }
})

const again = Schedule.exponential("500 millis").pipe(
  Schedule.union(Schedule.spaced("15 seconds")),
  Schedule.resetAfter("1 minute")
)

const reason = (cause: Cause.Cause<any>) => {
  const failure: any = Cause.squash(cause)
  return failure?._tag === "ViewFailure"
    ? `at position ${failure.position}: ${String(failure.cause?.message ?? failure.cause)}`
    : String(failure)
}

/** Builds what this version has not built yet, then follows the log. */
const live = (runner: Runner) =>
  Effect.gen(function*() {
    const { view } = runner
    if ((yield* view.serving) === null) {
      yield* runner.bench.withPermits(1)(Effect.scoped(rebuild(runner, () => Effect.void)))
    }
    const from = yield* position(runner)
    yield* SubscriptionRef.update(runner.status, (now) => ({ ...now, position: from }))
    const end = yield* runner.eventStore.head
    yield* catchUp(runner, serving(runner), from, end, () => Effect.void)
    yield* moved(runner, Math.max(from, end))
    // What was committed while the view was at work waits here and is taken together: a busy log makes large batches.
    const inbox = yield* Queue.bounded<ReadonlyArray<RecordedEvent>>(InboxMax)
    yield* Effect.raceFirst(
      Stream.runForEach(runner.eventStore.follow(Math.max(from, end)), (batch) => Queue.offer(inbox, batch)),
      Queue.takeBetween(inbox, 1, InboxMax).pipe(
        Effect.flatMap((batches) =>
          Effect.forEach(chunks([...batches].flat()), (chunk) => take(runner, serving(runner), chunk))
        ),
        Effect.forever
      )
    )
  })

/** Always the present generation: a swap may come between two batches. */
const serving = (runner: Runner): Target => {
  const now = Effect.flatMap(
    runner.view.serving,
    (target) => target === null ? Effect.dieMessage("the view serves nothing") : Effect.succeed(target)
  )
  return {
    position: Effect.flatMap(now, (target) => target.position),
    apply: (facts, upTo) =>
      runner.gate.withPermits(1)(Effect.flatMap(now, (target) => target.apply(facts, upTo))).pipe(
        Effect.tap(() => moved(runner, upTo)),
        Effect.tap((touched) => touched.length === 0 ? Effect.void : runner.reactivity.invalidate([...touched]))
      )
  }
}

const position = (runner: Runner) => serving(runner).position
const moved = (runner: Runner, to: number) => SubscriptionRef.set(runner.status, { position: to, failure: null })

const chunks = <A>(batch: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(batch.length / BatchMax) }, (_, i) => batch.slice(i * BatchMax, (i + 1) * BatchMax))

const take = Effect.fnUntraced(function*(runner: Runner, target: Target, batch: ReadonlyArray<RecordedEvent>) {
  const facts: Array<Fact.Fact<any>> = []
  for (const recorded of batch) {
    if (!runner.types.has(recorded.type)) continue
    const fact = runner.view.sees === "routing"
      ? Fact.routing(runner.view.reads, recorded)
      : yield* Effect.catchAll(
        Fact.whole(runner.view.reads, runner.cipher, recorded),
        (error) =>
          Effect.as(
            Effect.logWarning(`${runner.view.name} cannot open position ${recorded.position}: ${error.reason}`),
            null
          )
      )
    if (fact === null) continue
    if (Event.isUnknown(fact.event)) {
      yield* Effect.logWarning(
        `${runner.view.name} passes over position ${recorded.position}: ${fact.event.type}: ${fact.event.reason}`
      )
      continue
    }
    facts.push(fact)
  }
  yield* hand(runner, target, facts, batch.at(-1)!.position)
})

/** Hands facts over. A view that cannot take them all takes those before the one it stumbles over, and that one is named. */
const hand = (
  runner: Runner,
  target: Target,
  facts: ReadonlyArray<Fact.Fact<any>>,
  upTo: number
): Effect.Effect<void, ViewFailure> =>
  Effect.catchAllCause(Effect.asVoid(target.apply(facts, upTo)), (cause) => {
    if (Cause.isInterrupted(cause)) return Effect.failCause(cause)
    if (facts.length < 2) return stumbled(runner.view, facts[0]?.position ?? upTo, cause)
    const first = facts.slice(0, facts.length >> 1)
    return Effect.zipRight(
      hand(runner, target, first, first.at(-1)!.position),
      Effect.suspend(() => hand(runner, target, facts.slice(first.length), upTo))
    )
  })

const stumbled = ({ name }: View, position: number, cause: Cause.Cause<ViewFailure>) => {
  const failure: any = Cause.squash(cause)
  return new ViewFailure({ view: name, position, cause: failure?._tag === "ViewFailure" ? failure.cause : failure })
}

/** Reads only what the view knows, from one position to another, into a target. */
const catchUp = (runner: Runner, target: Target, from: number, upTo: number, report: Report) =>
  from >= upTo ? Effect.void : runner.eventStore.readAll(from, { filter: { types: [...runner.types] }, upTo }).pipe(
    Stream.grouped(BatchMax),
    Stream.runForEach((chunk) => {
      const batch = [...chunk]
      return Effect.zipRight(
        take(runner, target, batch),
        report({ doing: `building ${runner.view.name}`, done: batch.at(-1)!.position - from, total: upTo - from })
      )
    }),
    Effect.zipRight(target.apply([], upTo))
  )

/** Fills a new generation until it stands where the serving one stands, and holds both there. */
const beside = <A, E, R>(
  runner: Runner,
  purpose: "replacement" | "comparison",
  report: Report,
  then: (next: Target, upTo: number) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    // As far as the serving one and no further: what happens there first must have happened there.
    const reach = Effect.flatMap(
      runner.view.serving,
      (now): Effect.Effect<number, ViewFailure | EventStoreError> =>
        now === null ? runner.eventStore.head : now.position
    )
    const next = yield* runner.view.beside(purpose)
    const first = yield* reach
    yield* catchUp(runner, next, 0, first, report)
    return yield* runner.gate.withPermits(1)(Effect.gen(function*() {
      const upTo = Math.max(first, yield* reach)
      yield* catchUp(runner, next, first, upTo, report)
      return yield* then(next, upTo)
    }))
  })

const rebuild = (runner: Runner, report: Report) =>
  beside(
    runner,
    "replacement",
    report,
    (next, upTo) => Effect.as(runner.view.swap(next), { view: runner.view.name, position: upTo })
  ).pipe(Effect.tap(() => runner.reactivity.invalidate([`view/${runner.view.name}`])))

const compare = (runner: Runner, report: Report) =>
  beside(
    runner,
    "comparison",
    report,
    (next, upTo) => Effect.map(runner.view.compare(next), (compared) => ({ view: runner.view.name, upTo, ...compared }))
  )
