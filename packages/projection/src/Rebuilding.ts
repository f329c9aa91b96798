/** Fills a view from the log: the serving rows where they stopped, or a new generation beside them, until both stand at one place. */
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import * as FactReader from "./FactReader.ts"
import * as Politeness from "./Politeness.ts"
import type { Report } from "./Progress.ts"
import type { Target, ViewFailure } from "./View.ts"
import type { Runner } from "./ViewRunner.ts"

/** What is handed over at once while a view is filled: large, for each batch costs what each transaction does; bounded, for it is held. */
const batchMax = { events: 4_096, bytes: 8 * 1024 * 1024 }

/** Pages read ahead while a batch is taken in. */
const PagesAhead = 2

/** Pages of the log joined to batches. */
const batched = <E>(events: Stream.Stream<RecordedEvent, E>): Stream.Stream<ReadonlyArray<RecordedEvent>, E> =>
  Stream.chunks(events).pipe(
    Stream.buffer({ capacity: PagesAhead }),
    Stream.aggregate(
      Sink.foldWeighted({
        initial: Chunk.empty<RecordedEvent>(),
        maxCost: batchMax.bytes,
        cost: (_, page: Chunk.Chunk<RecordedEvent>) => Chunk.reduce(page, 0, (sum, event) => sum + weight(event)),
        body: (all, page) => Chunk.appendAll(all, page)
      })
    ),
    Stream.map(Chunk.toReadonlyArray)
  )

/** Bytes of an event, or its share of the events a batch may hold. */
const weight = (event: RecordedEvent) =>
  Math.max(batchMax.bytes / batchMax.events, event.private.length + event.routing.length + event.meta.length)

/** A batch, in as many pieces as leave room for others. */
const take = Effect.fnUntraced(function*(
  runner: Runner,
  target: Target,
  batch: ReadonlyArray<RecordedEvent>,
  politeness: Politeness.Politeness
) {
  for (let from = 0; from < batch.length;) {
    const piece = batch.slice(from, from + politeness.batch())
    from += piece.length
    const facts = yield* FactReader.read(runner, piece, politeness.yield)
    yield* FactReader.hand(runner.view, target, facts, piece.at(-1)!.position)
    yield* politeness.yield
  }
})

/** Reads only what the view knows, from one position to another, into a target. */
export const catchUp = (
  runner: Runner,
  target: Target,
  [from, upTo]: readonly [from: number, upTo: number],
  politeness: Politeness.Politeness,
  report: Report
) =>
  from >= upTo ? Effect.void : runner.eventStore.readAll(from, { filter: { types: [...runner.types] }, upTo }).pipe(
    batched,
    Stream.filter((batch) => batch.length > 0),
    Stream.runForEach((batch) =>
      Effect.zipRight(
        take(runner, target, batch, politeness),
        report({ doing: `building ${runner.view.name}`, done: batch.at(-1)!.position - from, total: upTo - from })
      )
    ),
    Effect.zipRight(FactReader.put(runner.view, target, [], upTo))
  )

/** Rounds of catching up with what serves while it goes on; however far it is ahead then, it is held and met. */
const RoundsMax = 8

/**
 * Fills a new generation until it stands where the serving one stands, and holds both there. Most of it beside what serves, round
 * after round, each as long as what was written during the one before; the last one while nobody writes, in whichever process.
 */
const beside = <A, E, R>(
  runner: Runner,
  purpose: "replacement" | "comparison",
  politeness: Politeness.Politeness,
  report: Report,
  then: (next: Target, upTo: number) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function*() {
    // As far as the serving one and no further: what happens there first must have happened there.
    const reach = Effect.flatMap(
      runner.view.serving,
      (now): Effect.Effect<number, ViewFailure | EventStoreError> => now === null ? runner.eventStore.head : now.reach
    )
    const next = yield* runner.view.beside(purpose, politeness)
    let at = 0
    for (let round = 0, behind = Infinity; round < RoundsMax && behind > batchMax.events; round++) {
      const upTo = Math.max(at, yield* reach)
      yield* catchUp(runner, next, [at, upTo], politeness, report)
      at = upTo
      behind = (yield* reach) - at
    }
    yield* politeness.hurry
    return yield* runner.gate.withPermits(1)(
      runner.view.still((stands) =>
        Effect.gen(function*() {
          const upTo = Math.max(at, stands, yield* reach)
          yield* catchUp(runner, next, [at, upTo], politeness, report)
          return yield* then(next, upTo)
        })
      )
    )
  })

/** By one process at a time, on a scope of its own. */
const alone = <A, E, R>(
  runner: Runner,
  giving: Politeness.Giving | "hurried",
  work: (politeness: Politeness.Politeness) => Effect.Effect<A, E, R>
) => runner.view.oneAtATime(Effect.scoped(Effect.flatMap(Politeness.make(giving), work)))

export const rebuild = (runner: Runner, report: Report) =>
  alone(runner, runner.givingWay, (politeness) =>
    beside(
      runner,
      "replacement",
      politeness,
      report,
      (next, upTo) => Effect.as(runner.view.swap(next), { view: runner.view.name, position: upTo })
    )).pipe(Effect.tap(() => runner.reactivity.invalidate([`view/${runner.view.name}`])))

/** What this version has not built yet: readers wait for it. By the time it is our turn, another process may have. */
export const build = (runner: Runner) =>
  alone(
    runner,
    "hurried",
    (politeness) =>
      Effect.flatMap(runner.view.serving, (now) =>
        now !== null ? Effect.void : beside(
          runner,
          "replacement",
          politeness,
          () => Effect.void,
          (next) => runner.view.swap(next)
        ))
  )

export const compare = (runner: Runner, report: Report) =>
  alone(runner, runner.givingWay, (politeness) =>
    beside(
      runner,
      "comparison",
      politeness,
      report,
      (next, upTo) =>
        Effect.map(runner.view.compare(next), (compared) => ({ view: runner.view.name, upTo, ...compared }))
    ))
