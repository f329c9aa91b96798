/**
 * Runs one view: reads the log from the view's checkpoint, hands it batches of facts, and wakes whoever watches what they touched.
 *
 * W1  Every fact reaches the view once, in order, whatever crashes between.
 * W2  A view that cannot take an event stops alone and says which; the event before is in, the one after waits, until it is resumed.
 * W3  Rebuilding leaves the serving rows in place and up to date until the new ones have caught up.
 * W4  An event of a newer build is passed over with a word in the log; it stays in the event store.
 * W5  A part that fails stops alone: the other parts of its view go on, and it catches up when it is mended.
 * W6  The weather stops nobody: the view tries again by itself.
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type * as Event from "@vivim/event-schemas/Event"
import { EventStore } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as LogBatches from "@vivim/event-store/LogBatches"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as FactReader from "./FactReader.ts"
import { LiveWorkOfProcess } from "./LiveWork.ts"
import * as Politeness from "./Politeness.ts"
import type { Report } from "./Progress.ts"
import * as Rebuilding from "./Rebuilding.ts"
import {
  type Ailing,
  EventNotTaken,
  type History,
  type Stop,
  type Target,
  type View,
  type ViewFailure
} from "./View.ts"

/** Facts handed to a view at once while others want to be served: enough to share a transaction, few enough to stay responsive. */
const BatchMax = 256

/** `building`: this version does not serve yet. `waiting`: the weather is bad, and it tries again. */
export interface Status {
  readonly position: number
  readonly state: "building" | "running" | "waiting" | "stopped"
  /** Where it stopped; null while it runs or tries. */
  readonly stop: Stop | null
  /** What it waits for, in a sentence; null unless it waits. */
  readonly trouble: string | null
}

export interface Runner extends FactReader.Reader {
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly reactivity: Context.Tag.Service<Reactivity.Reactivity>
  readonly status: SubscriptionRef.SubscriptionRef<Status>
  /** Held while the serving rows are written, so that a swap or a comparison finds them still. */
  readonly gate: Effect.Semaphore
  /** One rebuild or comparison at a time. */
  readonly bench: Effect.Semaphore
  /** Held by whoever decides what becomes of a view or part that stands still. */
  readonly fate: Effect.Semaphore
  readonly resumed: Queue.Queue<void>
  /** Done when the view first stood at the end of the log, or could not get there. */
  readonly begun: Deferred.Deferred<void>
  readonly liveWork: Context.Tag.Service<typeof LiveWorkOfProcess>
  readonly givingWay: Politeness.Giving
}

/** Starts the view and leaves it running as long as the scope. `skipped` may grow meanwhile. */
export const start = Effect.fnUntraced(function*(view: View, skipped: ReadonlySet<number>) {
  const runner: Runner = {
    view,
    skipped,
    eventStore: yield* EventStore,
    cipher: yield* PayloadCipher,
    reactivity: yield* Reactivity.Reactivity,
    status: yield* SubscriptionRef.make<Status>({ position: 0, state: "building", stop: null, trouble: null }),
    gate: yield* Effect.makeSemaphore(1),
    bench: yield* Effect.makeSemaphore(1),
    fate: yield* Effect.makeSemaphore(1),
    resumed: yield* Queue.sliding<void>(1),
    begun: yield* Deferred.make<void>(),
    liveWork: yield* LiveWorkOfProcess,
    givingWay: yield* Politeness.GivingWay,
    types: new Set(view.reads.events.map(({ tag }: Event.Any) => tag as string))
  }
  yield* Effect.forkScoped(running(runner))
  const { parts } = view
  if (parts !== null) {
    yield* Effect.forkScoped(Stream.runForEach(parts.moves, (part) => runner.reactivity.invalidate(parts.keys(part))))
  }
  return {
    view,
    status: runner.status,
    fate: runner.fate,
    /** Whoever asks how it is from now on finds it starting again. */
    resume: Effect.zipRight(
      SubscriptionRef.update(runner.status, (now): Status => ({ ...now, state: "building", stop: null })),
      runner.resumed.offer(undefined)
    ),
    rebuild: (report: Report) => atBench(runner, Rebuilding.rebuild(runner, report)),
    compare: (report: Report) => atBench(runner, Rebuilding.compare(runner, report))
  }
})

/** After a crash what serves may hold more than its checkpoint says: how far it is, is known when it has caught up, or could not. */
const atBench = <A, E, R>(runner: Runner, work: Effect.Effect<A, E, R>) =>
  Effect.zipRight(Deferred.await(runner.begun), runner.bench.withPermits(1)(work))

export type Started = Effect.Effect.Success<ReturnType<typeof start>>

const again = Schedule.exponential("500 millis").pipe(
  Schedule.union(Schedule.spaced("15 seconds")),
  Schedule.resetAfter("1 minute")
)

const sentence = (cause: unknown): string => {
  const inner: any = (cause as { readonly cause?: unknown } | null)?.cause ?? cause
  return String(inner?.message || inner?._tag || inner)
}

/** In bad weather it is tried again; at an event it cannot take it stands until it is resumed. */
const running = (runner: Runner): Effect.Effect<never> => {
  const update = (change: Partial<Status>) => SubscriptionRef.update(runner.status, (now) => ({ ...now, ...change }))
  const wait = (cause: Cause.Cause<unknown>) =>
    Effect.zipRight(
      Effect.logError(`view ${runner.view.name} cannot go on just now`, cause),
      update({ state: "waiting", trouble: sentence(Cause.squash(cause)) })
    )
  const stand = (failure: EventNotTaken) =>
    Effect.gen(function*() {
      const { position, stream, type, version } = failure
      yield* Effect.logError(`view ${runner.view.name} stopped at position ${position} (${type})`, failure.cause)
      const since = yield* Clock.currentTimeMillis
      const stop = { position, event: { stream, version, type }, reason: sentence(failure), since }
      yield* Queue.takeAll(runner.resumed)
      yield* update({ state: "stopped", stop, trouble: null })
      yield* Effect.raceFirst(Queue.take(runner.resumed), passed(runner, position))
    })
  return live(runner).pipe(
    Effect.sandbox,
    Effect.tapError((cause) => Cause.squash(cause) instanceof EventNotTaken ? Effect.void : wait(cause)),
    Effect.retry({ schedule: again, while: (cause) => !(Cause.squash(cause) instanceof EventNotTaken) }),
    Effect.catchAll((cause) => {
      const failure = Cause.squash(cause)
      return failure instanceof EventNotTaken ? stand(failure) : Effect.failCause(cause as Cause.Cause<never>)
    }),
    Effect.forever
  )
}

/** Answers when another process has got the rows past a position: then there is nothing to stand still for. */
const passed = ({ view }: Runner, position: number) =>
  Effect.flatMap(view.serving, (target) => target === null ? Effect.succeed(0) : target.reach).pipe(
    Effect.orElseSucceed(() => 0),
    Effect.delay("5 seconds"),
    Effect.repeat({ until: (reach) => reach >= position })
  )

/** Builds what this version has not built yet, then follows the log. */
const live = (runner: Runner) =>
  begin(runner).pipe(
    Effect.ensuring(Deferred.succeed(runner.begun, undefined)),
    Effect.flatMap(([target, from]) => Effect.raceFirst(follow(runner, target, from), mending(runner)))
  )

/** To the end of the log as it is now. */
const begin = (runner: Runner) =>
  Effect.gen(function*() {
    const { view } = runner
    if ((yield* view.serving) === null) {
      yield* runner.bench.withPermits(1)(Rebuilding.build(runner))
    }
    const target = serving(runner)
    const from = yield* target.position
    yield* moved(runner, from)
    const end = yield* runner.eventStore.head
    const politeness = yield* Politeness.make("hurried")
    yield* Rebuilding.catchUp(runner, target, [from, end], politeness, () => Effect.void)
    yield* moved(runner, Math.max(from, end))
    return [target, Math.max(from, end)] as const
  })

const follow = (runner: Runner, target: Target, after: number) =>
  LogBatches.live(
    runner.eventStore,
    { after, batchMax: BatchMax },
    (batch, upTo) =>
      runner.liveWork.during(Effect.flatMap(
        FactReader.read(runner, batch),
        (facts) => FactReader.hand(runner.view, target, facts, upTo)
      ))
  )

/** Always the present generation: a swap may come between two batches. */
const serving = (runner: Runner): Target => {
  const now = Effect.flatMap(
    runner.view.serving,
    (target) => target === null ? Effect.dieMessage("the view serves nothing") : Effect.succeed(target)
  )
  return {
    position: Effect.flatMap(now, (target) => target.position),
    reach: Effect.flatMap(now, (target) => target.reach),
    apply: (facts, upTo) =>
      runner.gate.withPermits(1)(Effect.flatMap(now, (target) => target.apply(facts, upTo))).pipe(
        Effect.retry({ times: 3, while: (error) => error._tag === "ServingChanged" }),
        Effect.tap(() => moved(runner, upTo)),
        Effect.tap((touched) => touched.length === 0 ? Effect.void : runner.reactivity.invalidate([...touched]))
      )
  }
}

const moved = (runner: Runner, position: number) =>
  SubscriptionRef.set(runner.status, { position, state: "running", stop: null, trouble: null })

/** Mends the parts that ask for it, one after the other, beside those that go on. */
const mending = (runner: Runner): Effect.Effect<never, ViewFailure | EventStoreError> => {
  const { parts } = runner.view
  if (parts === null) return Effect.never
  const due = (ailing: ReadonlyMap<string, Ailing>) => [...ailing].find(([, { state }]) => state === "mending")?.[0]
  return parts.ailing.changes.pipe(
    Stream.map(due),
    Stream.filter((part) => part !== undefined),
    Stream.runHead,
    Effect.flatMap(() => SubscriptionRef.get(parts.ailing)),
    Effect.flatMap((ailing) => {
      const part = due(ailing)
      return part === undefined
        ? Effect.void
        : Effect.zipRight(
          parts.mend(part, history(runner)),
          runner.reactivity.invalidate([`view/${runner.view.name}`, ...parts.keys(part)])
        )
    }),
    Effect.forever
  )
}

/** The log as a part in mending reads it: with the eyes of the view, and its skips. */
const history = (runner: Runner): History => ({
  reach: serving(runner).position,
  still: runner.gate.withPermits(1),
  read: (owner, after, upTo, take) =>
    after >= upTo ?
      Effect.void :
      runner.eventStore.readAll(after, { filter: { owner, types: [...runner.types] }, upTo })
        .pipe(
          Stream.grouped(BatchMax),
          Stream.mapEffect((batch) => FactReader.read(runner, [...batch])),
          Stream.runForEach(take)
        )
})
