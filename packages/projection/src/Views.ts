/** All views of a node: started together, watched, waited on, resumed, rebuilt and compared one by one. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import { ViewStopped } from "@vivim/contract/Await"
import { NoSuchView, NotStopped } from "@vivim/contract/View"
import type { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { LiveWorkOfProcess } from "./LiveWork.ts"
import type { Report } from "./Progress.ts"
import * as Skips from "./Skips.ts"
import * as Standstill from "./Standstill.ts"
import type { Ailing, Compared, EventNotTaken, View, ViewFailure } from "./View.ts"
import * as ViewRunner from "./ViewRunner.ts"

export interface ViewStatus extends ViewRunner.Status {
  readonly view: string
  readonly version: number
  /** Events of the log the view has not seen yet. */
  readonly lag: number
  /** How long the oldest of them has been in the log. */
  readonly lagMs: number
  /** The parts that do not keep up, by their owner. */
  readonly ailing: ReadonlyMap<string, Ailing>
  /** Positions it passes over. */
  readonly skipped: ReadonlyArray<number>
}

type Failure = ViewFailure | EventNotTaken | EventStoreError

export class Views extends Context.Tag("@vivim/projection/Views")<Views, {
  readonly names: ReadonlyArray<string>
  readonly status: Effect.Effect<ReadonlyArray<ViewStatus>, EventStoreError>
  /**
   * Answers when every view has seen the log up to this position. A view that stands still before it is no use waiting for; nor is,
   * with an owner, that owner's part of a view. The parts of others do not count.
   */
  readonly waitFor: (position: number, owner?: string) => Effect.Effect<void, ViewStopped>
  /** Lets a stopped view try again or, in a view of parts, one owner's part, or all that are stopped. Answers how many were. */
  readonly resume: (view: string, owner?: string) => Effect.Effect<number, NoSuchView | NotStopped>
  /** Records, while nobody lets it try again, that a view passes over the event at which it, or a part of it, stands. */
  readonly skip: <A, E, R>(
    view: string,
    position: number,
    record: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | NoSuchView | NotStopped, R>
  /** Builds a view anew beside the serving one and swaps it in; null when there is no such view. */
  readonly rebuild: (
    view: string,
    report: Report
  ) => Effect.Effect<{ readonly view: string; readonly position: number }, Failure> | null
  /** Builds every view anew into a fresh target and compares it with the one that serves. */
  readonly compare: (
    report: Report
  ) => Effect.Effect<ReadonlyArray<Compared & { readonly view: string; readonly upTo: number }>, Failure>
}>() {}

/** Starts the views and keeps them running. */
export const layer = <E, R>(
  views: ReadonlyArray<Effect.Effect<View, E, R>>
): Layer.Layer<
  Views,
  E | EventStoreError,
  Exclude<R, Scope.Scope> | EventStore | PayloadCipher | Reactivity.Reactivity
> =>
  Layer.scoped(
    Views,
    Effect.gen(function*() {
      const eventStore = yield* EventStore
      const liveWork = yield* LiveWorkOfProcess
      const declared = yield* Effect.all(views)
      const { add, follow, skips } = yield* Skips.make(declared.map(({ name }) => name))
      const runners = yield* Effect.forEach(declared, (view) => ViewRunner.start(view, skips.get(view.name)!))
      const find = (view: string): Effect.Effect<ViewRunner.Started, NoSuchView> => {
        const runner = runners.find((one) => one.view.name === view)
        return runner === undefined
          ? Effect.fail(new NoSuchView({ view, known: runners.map(({ view }) => view.name) }))
          : Effect.succeed(runner)
      }
      yield* follow((view) =>
        Effect.flatMap(find(view), (runner) => Standstill.passOver(runner, skips.get(view)!)).pipe(Effect.ignore)
      )
      return Views.of({
        names: runners.map(({ view }) => view.name),
        status: Effect.gen(function*() {
          const head = yield* eventStore.head
          return yield* Effect.forEach(runners, (runner) => statusOf(runner, skips, head)).pipe(
            Effect.provideService(EventStore, eventStore)
          )
        }),
        waitFor: (position, owner) =>
          Effect.zipRight(
            liveWork.heard,
            Effect.forEach(runners, (runner) => waitFor(runner, position, owner), { discard: true })
          ),
        resume: (view, owner) => Effect.flatMap(find(view), (runner) => Standstill.resume(runner, owner)),
        skip: (view, position, record) =>
          Effect.flatMap(find(view), (runner) =>
            Effect.tap(Standstill.skip(runner, position, record), () => {
              // Known here before the log is heard to say it: whoever asked need not wait for that.
              add(view, position)
              return Standstill.passOver(runner, skips.get(view)!)
            })),
        rebuild: (name, report) => runners.find(({ view }) => view.name === name)?.rebuild(report) ?? null,
        compare: (report) => Effect.forEach(runners, (runner) => runner.compare(report))
      })
    })
  )

const statusOf = Effect.fnUntraced(function*({ status, view }: ViewRunner.Started, skips: Skips.Skips, head: number) {
  const now = yield* SubscriptionRef.get(status)
  const lag = Math.max(0, head - now.position)
  return {
    view: view.name,
    version: view.version,
    ...now,
    lag,
    lagMs: lag === 0 ? 0 : yield* waited(now.position + 1),
    ailing: view.parts === null ? new Map<string, Ailing>() : yield* SubscriptionRef.get(view.parts.ailing),
    skipped: [...skips.get(view.name) ?? []]
  } satisfies ViewStatus
})

/** How long an event has been in the log. */
const waited = Effect.fnUntraced(function*(position: number) {
  const eventStore = yield* EventStore
  const event = yield* Stream.runHead(eventStore.readAll(position - 1, { upTo: position }))
  return Option.isNone(event) ? 0 : Math.max(0, (yield* Clock.currentTimeMillis) - event.value.at)
})

const stopped = (view: string, position: number, reason: string) =>
  new ViewStopped({ view, position, message: `${view} stopped at position ${position}: ${reason}` })

const waitFor = ({ status, view }: ViewRunner.Started, position: number, owner: string | undefined) =>
  Effect.gen(function*() {
    const now = yield* until(status, (now) => now.position >= position || now.state === "stopped")
    if (now.position < position) return yield* stopped(view.name, now.stop!.position, now.stop!.reason)
    if (view.parts === null || owner === undefined) return
    const ailing = yield* until(view.parts.ailing, (ailing) => ailing.get(owner)?.state !== "mending")
    const own = ailing.get(owner)
    if (own?.state === "locked") {
      return yield* stopped(view.name, own.stop.position, "unlock your vault, and it goes on")
    }
    if (own !== undefined && own.stop.position <= position) {
      return yield* stopped(view.name, own.stop.position, own.stop.reason)
    }
  })

/** The value as soon as it is as wanted: mostly it is so already, and nobody needs to listen. */
const until = <A>(ref: SubscriptionRef.SubscriptionRef<A>, isWanted: (value: A) => boolean): Effect.Effect<A> =>
  Effect.flatMap(SubscriptionRef.get(ref), (now) =>
    isWanted(now)
      ? Effect.succeed(now)
      : Effect.map(Stream.runHead(Stream.filter(ref.changes, isWanted)), Option.getOrThrow))
