/**
 * How accounts stand, in memory: folded from the log as it grows, so that a call needs no look at the database and a decision counts in every
 * process as soon as it hears of it.
 *
 * T1  What was decided before this process began, and what is decided by others, is known here.
 * T2  Whoever watches an account is told of each decision about it, once that is known here.
 */
import * as Actor from "@vivim/actor/Actor"
import * as Event from "@vivim/event-schemas/Event"
import type { Did } from "@vivim/event-schemas/ids"
import { StandingEvents } from "@vivim/event-schemas/standing/index"
import type { Role } from "@vivim/event-schemas/standing/Role"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { Standing, type StandingState } from "./Standing.ts"

/** `rests`: null for an account that may act. */
export interface Stand {
  readonly roles: ReadonlyArray<Role>
  readonly rests: { readonly banned: boolean; readonly until: number | null } | null
}

export class Standings extends Context.Tag("@vivim/standing/Standings")<Standings, {
  readonly of: (userId: Did, now: number) => Stand
  readonly hasAdmin: () => boolean
  /** How an account stands: now, and whenever something was decided about it. */
  readonly watch: (userId: Did) => Stream.Stream<Stand>
}>() {}

/** The one stream of all that is decided about accounts. */
const stream = "standing/node"

const make = Effect.gen(function*() {
  const eventStore = yield* EventStore
  let state: StandingState = Standing.initial
  let position = 0
  const decided = yield* PubSub.unbounded<Did>()
  const hear = (recorded: RecordedEvent) =>
    Effect.suspend(() => {
      if (recorded.position <= position) return Effect.void
      const event = StandingEvents.decodeRouting(recorded)
      position = recorded.position
      if (Event.isUnknown(event)) return Effect.void
      // A reason is private, and nothing is decided by it.
      state = Actor.fold(Standing, state, [event as never])
      return PubSub.publish(decided, event.userId)
    })
  yield* Stream.runForEach(eventStore.read(stream), hear)
  yield* Effect.forkScoped(
    Effect.suspend(() =>
      eventStore.follow(position, { filter: { stream } }).pipe(
        Stream.runForEach((events) => Effect.forEach(events, hear, { discard: true }))
      )
    ).pipe(
      Effect.catchAllCause((cause) => Effect.logWarning("how accounts stand is not heard of", cause)),
      Effect.repeat(Schedule.spaced("1 second"))
    )
  )
  const of = (userId: Did, now: number): Stand => {
    const rests = state.rests.get(userId) ?? null
    return {
      roles: state.roles.get(userId) ?? [],
      rests: rests === null || (rests.until !== null && rests.until <= now) ? null : rests
    }
  }
  return Standings.of({
    of,
    hasAdmin: () => [...state.roles.values()].some((roles) => roles.includes("admin")),
    watch: (userId) =>
      Stream.unwrapScoped(Effect.map(
        PubSub.subscribe(decided),
        (heard) =>
          Stream.concat(Stream.succeed(userId), Stream.filter(Stream.fromQueue(heard), (whose) => whose === userId))
      )).pipe(Stream.mapEffect(() => Effect.map(Clock.currentTimeMillis, (now) => of(userId, now))))
  })
})

export const layer: Layer.Layer<Standings, EventStoreError, EventStore> = Layer.scoped(Standings, make)
