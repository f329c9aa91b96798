/**
 * Which events an operator has a view pass over. The log says so itself, in the stream of the view: whoever builds the view again,
 * here or elsewhere, leaves out the same ones.
 *
 * K1  A skip holds for the past as for what comes: rows built anew are the rows that serve.
 * K2  A skip that was withdrawn holds no more, from the next time the view is built.
 */
import * as Event from "@vivim/event-schemas/Event"
import { ViewEvents } from "@vivim/event-schemas/view/index"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fact from "./Fact.ts"

/** By view. Filled as the log is read. */
export type Skips = ReadonlyMap<string, ReadonlySet<number>>

/** The stream that says what a view passes over. */
const streamOf = (view: string) => `view/${view}`

/** Takes one event of a view's stream; answers the view whose skips changed. */
const take = (skips: ReadonlyMap<string, Set<number>>, recorded: RecordedEvent): string | null => {
  const { event } = Fact.routing(ViewEvents, recorded)
  if (Event.isUnknown(event)) return null
  const positions = skips.get(event.view)
  if (positions === undefined) return null
  if (event._tag === "view.EventSkipped") positions.add(event.position)
  else positions.delete(event.position)
  return event.view
}

/** What the log says by now; `follow` goes on from there, as long as the scope, and tells which view has other skips. */
export const make = Effect.fnUntraced(function*(views: ReadonlyArray<string>) {
  const eventStore = yield* EventStore
  const skips = new Map(views.map((view) => [view, new Set<number>()]))
  const from = yield* eventStore.head
  for (const view of views) {
    yield* Stream.runForEach(
      Stream.takeWhile(eventStore.read(streamOf(view)), ({ position }) => position <= from),
      (recorded) => Effect.sync(() => take(skips, recorded))
    )
  }
  return {
    skips: skips as Skips,
    add: (view: string, position: number) => void skips.get(view)?.add(position),
    follow: (changed: (view: string) => Effect.Effect<void>) =>
      eventStore.follow(from, { filter: { category: "view" } }).pipe(
        Stream.flattenIterables,
        Stream.runForEach((recorded) => {
          const view = take(skips, recorded)
          return view === null ? Effect.void : changed(view)
        }),
        Effect.forkScoped
      )
  }
})
