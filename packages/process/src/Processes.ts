/** All processes of a node: started together, looked at, and what is stuck retried or dropped. */
import { EventStore } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type * as Delivery from "./Delivery.ts"
import type * as Process from "./Process.ts"
import * as ProcessRunner from "./ProcessRunner.ts"
import { type Figures, type KeptRefusal, ProcessStore, type ProcessStoreError } from "./ProcessStore.ts"
import type { StuckStep } from "./Step.ts"

export interface ProcessStatus extends ProcessRunner.Status, Omit<Figures, "position"> {
  readonly process: string
  readonly version: number
  /** Events of the log the process has not seen yet. */
  readonly lag: number
}

type Failure = ProcessStoreError | EventStoreError

export class Processes extends Context.Tag("@vivim/process/Processes")<Processes, {
  readonly names: ReadonlyArray<string>
  readonly status: Effect.Effect<ReadonlyArray<ProcessStatus>, Failure>
  /** Answers when every process has decided on the log up to this position. */
  readonly waitFor: (position: number) => Effect.Effect<void>
  readonly stuck: Effect.Effect<ReadonlyArray<StuckStep>, Failure>
  /** False when no such step is stuck. */
  readonly retry: (process: string, id: string) => Effect.Effect<boolean, Failure>
  /** Gives a stuck step up once that is recorded, and answers what that came to; null when no such step is stuck. */
  readonly drop: <A, E>(
    process: string,
    id: string,
    record: (step: StuckStep) => Effect.Effect<A, E>
  ) => Effect.Effect<A | null, E | Failure>
  readonly refusals: (process: string) => Effect.Effect<ReadonlyArray<KeptRefusal>, Failure>
}>() {}

/** Stuck steps told at once. */
const StuckMax = 500

export interface Options {
  /** By kind of actor: the processes ask no others. */
  readonly ask: Readonly<Record<string, Delivery.Ask>>
  readonly limits: Delivery.Limits
  /** Whether no other process of a node stands on this database. */
  readonly alone: boolean
  /** Those whose keys come, as they come. */
  readonly opened?: Stream.Stream<string>
}

/** Starts the processes and keeps them running. */
export const layer = (
  processes: ReadonlyArray<Process.Any>,
  options: Options
): Layer.Layer<Processes, never, EventStore | ProcessStore> =>
  Layer.scoped(
    Processes,
    Effect.gen(function*() {
      const [eventStore, store] = [yield* EventStore, yield* ProcessStore]
      const running = yield* Effect.forEach(
        processes,
        (process) => ProcessRunner.start({ ...options, process, eventStore, store })
      )
      yield* Effect.forkScoped(Stream.runForEach(
        options.opened ?? Stream.empty,
        (did) => Effect.forEach(running, ({ opened }) => opened(did), { discard: true })
      ))
      const wakeAll = Effect.forEach(running, ({ wake }) => wake, { discard: true })
      return Processes.of({
        names: processes.map(({ name }) => name),
        status: Effect.gen(function*() {
          const head = yield* eventStore.head
          return yield* Effect.forEach(running, ({ process, status }) =>
            Effect.gen(function*() {
              const now = yield* SubscriptionRef.get(status)
              const { position: _, ...figures } = yield* store.figures(process.name)
              const lag = Math.max(0, head - now.position)
              return { process: process.name, version: process.version, ...figures, ...now, lag }
            }))
        }),
        waitFor: (position) =>
          Effect.forEach(running, ({ status }) =>
            status.changes.pipe(Stream.takeUntil((now) => now.position >= position), Stream.runDrain), {
            discard: true
          }),
        stuck: store.stuck(StuckMax),
        retry: (process, id) =>
          Clock.currentTimeMillis.pipe(
            Effect.flatMap((now) =>
              store.retry(process, id, now)
            ),
            Effect.tap((found) => found ? wakeAll : Effect.void)
          ),
        drop: (process, id, record) =>
          Effect.tap(store.drop(process, id, record), (recorded) => recorded === null ? Effect.void : wakeAll),
        refusals: store.refusals
      })
    })
  )
