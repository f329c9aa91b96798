/**
 * Runs one process: reads the log from its checkpoint and decides in batches; carries out what was decided, several steps at a time.
 *
 * R1  Every event is decided on once, in order; every command it calls for is asked until it is answered, and has effect once.
 * R2  Commands of one key are asked in order, one after the other; those of other keys at the same time, bounded.
 * R3  Timers ring at their time or soon after, also when that came while nobody was there or the clock was set; never twice with effect.
 * R4  A process at rest does nothing: it is woken by what is decided and by the earliest time that is due.
 * R5  A refusal is told to the process; bad weather is waited out; what stays stuck is told, and holds up its key alone.
 * R6  An event of a newer build is passed over with a word in the log.
 */
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as LogBatches from "@vivim/event-store/LogBatches"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as Decide from "./Decide.ts"
import * as Delivery from "./Delivery.ts"
import type { ProcessStore, ProcessStoreError } from "./ProcessStore.ts"
import * as Recognise from "./Recognise.ts"
import type { Step } from "./Step.ts"

/** Events decided on at once. */
const BatchMax = 256
/** Events that call for nothing before the checkpoint is written all the same: what a restart reads again. */
const TrailMax = 1_000
/** Steps are claimed so many times ahead of what may be under way at once: fewer, larger looks at the store. */
const Ahead = 8
/** A claim outlasts the longest command by so much. */
const ClaimSpareMs = 5_000
/** A clock that was set forward is noticed within so long. */
const SleepMsMax = 30_000
/** Who finds what is due in the hands of another looks again after so long. */
const SleepMsMin = 100

export interface Status {
  readonly position: number
  /** What stopped the process last, or null while it runs. */
  readonly failure: string | null
}

export interface Options extends Delivery.Means {
  readonly store: Context.Tag.Service<ProcessStore>
  /** Nobody else carries out steps on this database: what a killed predecessor held is free at once. */
  readonly alone: boolean
}

interface Runner extends Options {
  readonly types: ReadonlySet<string>
  readonly status: SubscriptionRef.SubscriptionRef<Status>
  readonly scope: Scope.Scope
  /** Rings when there may be something to carry out. */
  readonly bell: Queue.Queue<void>
  readonly outcomes: Queue.Queue<Delivery.Outcome>
  /** What is claimed, and of that so much at once: */
  readonly inFlight: Map<string, Step>
  readonly hands: Effect.Semaphore
  /** Where the checkpoint stands; -1 before anybody looked. */
  stored: number
}

export interface Running {
  readonly process: Options["process"]
  readonly status: SubscriptionRef.SubscriptionRef<Status>
  /** Looks at once whether something is to be done. */
  readonly wake: Effect.Effect<void>
  /** Someone's keys came: what waited for them is tried at once. */
  readonly opened: (did: string) => Effect.Effect<void>
}

/** Starts the process and leaves it running as long as the scope. */
export const start = Effect.fnUntraced(function*(options: Options) {
  const runner: Runner = {
    ...options,
    types: new Set(options.process.reads.events.map(({ tag }: { readonly tag: string }) => tag)),
    status: yield* SubscriptionRef.make<Status>({ position: 0, failure: null }),
    scope: yield* Effect.scope,
    bell: yield* Queue.sliding<void>(1),
    outcomes: yield* Queue.unbounded<Delivery.Outcome>(),
    inFlight: new Map(),
    hands: yield* Effect.makeSemaphore(options.limits.inFlightMax),
    stored: -1
  }
  yield* Effect.addFinalizer(() => giveBack(runner))
  yield* Effect.forEach([read(runner), handOut(runner), takeIn(runner)], (work) => keep(runner, work), {
    discard: true
  })
  return {
    process: runner.process,
    status: runner.status,
    wake: ring(runner),
    opened: (did) =>
      Clock.currentTimeMillis.pipe(
        Effect.flatMap((now) => runner.store.hurry(runner.process.name, Delivery.lockedReason(did), now)),
        Effect.ignoreLogged,
        Effect.zipRight(ring(runner))
      )
  } satisfies Running
})

const ring = ({ bell }: Runner) => Effect.asVoid(Queue.offer(bell, undefined))

const again = Schedule.exponential("500 millis").pipe(
  Schedule.union(Schedule.spaced("15 seconds")),
  Schedule.resetAfter("1 minute")
)

/** A part of the runner that fails says so and begins again: a bug in a process is a failure of that process like any other. */
const keep = (runner: Runner, work: Effect.Effect<never, ProcessStoreError | EventStoreError>) =>
  work.pipe(
    Effect.sandbox,
    Effect.tapError((cause) =>
      Effect.zipRight(
        Effect.logError(`process ${runner.process.name} stopped`, cause),
        SubscriptionRef.update(runner.status, (now) => ({ ...now, failure: String(Cause.squash(cause)) }))
      )
    ),
    Effect.retry(again),
    Effect.forkScoped
  )

/** Follows the log from the checkpoint. When another runner moved it, this one begins again where that one stands. */
const read = (runner: Runner) =>
  Effect.forever(Effect.gen(function*() {
    const { eventStore, process, store } = runner
    const from = yield* store.begin(process.name, process.version)
    if (runner.alone && runner.stored < 0) yield* store.release(process.name)
    runner.stored = from
    yield* moved(runner, from)
    yield* ring(runner)
    const end = Math.max(from, yield* eventStore.head)
    const take: LogBatches.Take<ProcessStoreError | Elsewhere, never> = (events, upTo) => decideOn(runner, events, upTo)
    const types = [...runner.types]
    yield* LogBatches.past(eventStore, { after: from, upTo: end, types, batchMax: BatchMax }, take).pipe(
      Effect.zipRight(LogBatches.live(eventStore, { after: end, batchMax: BatchMax }, take)),
      Effect.catchTag("Elsewhere", () => Effect.void)
    )
  }))

/** The checkpoint is not where this runner left it: another one reads the log for this process too. */
class Elsewhere extends Data.TaggedError("Elsewhere") {}

const moved = ({ status }: Runner, position: number) => SubscriptionRef.set(status, { position, failure: null })

const decideOn = Effect.fnUntraced(function*(runner: Runner, events: ReadonlyArray<RecordedEvent>, upTo: number) {
  const { process, store } = runner
  const facts: Array<Decide.Fact> = []
  for (const recorded of events) {
    if (!runner.types.has(recorded.type)) continue
    const fact = Recognise.fact(process, recorded)
    if (typeof fact !== "string") facts.push(fact)
    else yield* Effect.logWarning(`process ${process.name} passes over position ${recorded.position}: ${fact}`)
  }
  if (facts.length > 0 || upTo - runner.stored >= TrailMax) {
    const now = yield* Clock.currentTimeMillis
    const stimuli = facts.map((fact) => ({ _tag: "Event", fact, step: null }) as const)
    const kept = yield* store.decide({
      process: process.name,
      now,
      moves: { from: runner.stored, to: upTo },
      ends: [],
      keys: Decide.keys(process, stimuli),
      decide: Decide.decide(process, stimuli, now)
    })
    if (!kept) return yield* new Elsewhere()
    runner.stored = upTo
    if (facts.length > 0) yield* ring(runner)
  }
  yield* moved(runner, upTo)
})

/** Claims what is due and carries it out; with nothing to do it sleeps until the bell rings or the next time comes. */
const handOut = (runner: Runner) =>
  Effect.forever(Effect.gen(function*() {
    const { inFlight, limits, process, store } = runner
    const ahead = limits.inFlightMax * Ahead
    // Half of it must be through before it is filled up again: what ends is looked for seldom, and together.
    if (inFlight.size > ahead / 2) return yield* Queue.take(runner.bell)
    const now = yield* Clock.currentTimeMillis
    const until = now + Duration.toMillis(limits.askMax) + ClaimSpareMs
    const steps = yield* store.claim(process.name, now, until, ahead - inFlight.size)
    for (const step of steps) {
      inFlight.set(step.id, step)
      yield* Effect.forkIn(carryOut(runner, step, now + ClaimSpareMs), runner.scope)
    }
    if (steps.length === 0) yield* rest(runner, now)
  }))

/** Steps that waited for their turn until a command might outlast the claim are left to the next claim. */
const carryOut = (runner: Runner, step: Step, beginUntil: number) =>
  runner.hands.withPermits(1)(
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      now < beginUntil
        ? Effect.asVoid(
          Effect.flatMap(Delivery.carryOut(runner, step), (outcome) => Queue.offer(runner.outcomes, outcome))
        )
        : Effect.zipRight(Effect.sync(() => runner.inFlight.delete(step.id)), letGo(runner, [step])))
  )

const rest = (runner: Runner, now: number) =>
  Effect.gen(function*() {
    const due = yield* runner.store.nextDue(runner.process.name)
    const sleep = Math.min(Math.max((due ?? Infinity) - now, SleepMsMin), SleepMsMax)
    const bell = Queue.take(runner.bell)
    yield* due === null && runner.alone ? bell : Effect.raceFirst(bell, Effect.sleep(sleep))
  })

/** Takes in what came of steps: whatever came while the last was kept is kept together. */
const takeIn = (runner: Runner) =>
  Effect.forever(Effect.gen(function*() {
    const outcomes = [...yield* Queue.takeBetween(runner.outcomes, 1, BatchMax)]
    const done = Effect.sync(() => {
      for (const { step } of outcomes) if (step !== null) runner.inFlight.delete(step.id)
    })
    // While the database is away nothing is given up; when the claims ran out meanwhile, the steps are simply asked again.
    yield* Effect.retry(settle(runner, outcomes), again).pipe(Effect.ensuring(Effect.zipRight(done, ring(runner))))
  }))

const settle = Effect.fnUntraced(function*(runner: Runner, outcomes: ReadonlyArray<Delivery.Outcome>) {
  const { limits, process, store } = runner
  const now = yield* Clock.currentTimeMillis
  const heard = outcomes.flatMap((outcome) => outcome._tag === "Weather" ? [] : [outcome])
  if (heard.length > 0) {
    yield* store.decide({
      process: process.name,
      now,
      moves: null,
      ends: heard.flatMap(({ step }) => step === null ? [] : [step]),
      keys: Decide.keys(process, heard),
      decide: Decide.decide(process, heard, now)
    })
  }
  const bad = outcomes.flatMap((outcome) => outcome._tag === "Weather" ? [outcome] : [])
  for (const { lockedBy, reason, step } of bad) {
    if (lockedBy !== undefined) continue
    const so = step.attempts + 1 >= limits.attemptsMax ? "is stuck" : "is tried again"
    yield* Effect.logWarning(`process ${process.name}: ${step.kind} ${step.name} of ${step.key} ${so}: ${reason}`)
  }
  yield* store.postpone(process.name, bad.map((weather) => Delivery.later(limits, now, weather)))
})

/** What was being carried out when the node was asked to end is free for whoever comes next. */
const giveBack = (runner: Runner) => Effect.suspend(() => letGo(runner, [...runner.inFlight.values()]))

/** Steps as they were before they were claimed; when the store is away their claims run out instead. */
const letGo = (runner: Runner, steps: ReadonlyArray<Step>) =>
  runner.store.postpone(
    runner.process.name,
    steps.map(({ attempts, claim, dueAt, id }) => ({ id, claim, attempts, dueAt, reason: "let go", stuckAt: null }))
  ).pipe(Effect.ignore, Effect.zipRight(ring(runner)))
