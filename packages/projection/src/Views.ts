/** All views of a node: started together, watched, waited on, rebuilt and compared one by one. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type { Report } from "./Progress.ts"
import type { Compared, View, ViewFailure } from "./View.ts"
import * as ViewRunner from "./ViewRunner.ts"

export interface ViewStatus extends ViewRunner.Status {
  readonly view: string
  readonly version: number
  /** Events of the log the view has not seen yet. */
  readonly lag: number
}

type Failure = ViewFailure | EventStoreError

export class Views extends Context.Tag("@vivim/projection/Views")<Views, {
  readonly names: ReadonlyArray<string>
  readonly status: Effect.Effect<ReadonlyArray<ViewStatus>, EventStoreError>
  /** Answers when every view has seen the log up to this position. */
  readonly waitFor: (position: number) => Effect.Effect<void>
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
): Layer.Layer<Views, E, Exclude<R, Scope.Scope> | EventStore | PayloadCipher | Reactivity.Reactivity> =>
  Layer.scoped(
    Views,
    Effect.gen(function*() {
      const eventStore = yield* EventStore
      const runners = yield* Effect.forEach(views, Effect.flatMap(ViewRunner.start))
      return Views.of({
        names: runners.map(({ view }) => view.name),
        status: Effect.gen(function*() {
          const head = yield* eventStore.head
          return yield* Effect.forEach(runners, ({ status, view }) =>
            Effect.map(SubscriptionRef.get(status), (now) => ({
              view: view.name,
              version: view.version,
              ...now,
              lag: Math.max(0, head - now.position)
            })))
        }),
        waitFor: (position) =>
          Effect.forEach(runners, ({ status }) =>
            status.changes.pipe(Stream.takeUntil((now) => now.position >= position), Stream.runDrain), {
            discard: true
          }),
        rebuild: (name, report) =>
          runners.find(({ view }) =>
            view.name === name
          )?.rebuild(report) ?? null,
        compare: (report) => Effect.forEach(runners, (runner) => runner.compare(report))
      })
    })
  )
