/** The operator's hand on actors that stand still: which do, and having one pass over the event it stands at. */
import type * as Actor from "@vivim/actor/Actor"
import * as ActorHost from "@vivim/actor/ActorHost"
import { Unavailable } from "@vivim/contract/Refusal"
import { NotQuarantined, RepairAddress, RepairCommands, RepairDoors } from "@vivim/contract/Repair"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import type { StreamName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"

const Doors = RepairCommands.merge(RepairDoors).middleware(SessionGuard)

export const handlers = (actors: ReadonlyArray<Actor.Any>) =>
  Doors.toLayer(Effect.gen(function*() {
    const checkStream = yield* ActorHost.check(actors)
    const ask = yield* ActorHost.client(RepairAddress)
    const kinds = new Set(actors.map(({ address }) => address.kind))

    /** Asked of the log itself: the actor may live in another process, or not at all just now. */
    const check = (stream: StreamName) =>
      kinds.has(stream.slice(0, stream.indexOf("/")))
        ? Effect.mapError(
          checkStream(stream),
          () => new Unavailable({ message: "the event store cannot be reached", retryAfterMs: 1_000 })
        )
        : Effect.fail(new NotQuarantined({ stream, message: `no actor of this node has a stream ${stream}` }))

    return {
      ReadQuarantine: () => ActorHost.standing(checkStream),
      CheckActor: ({ stream }) => check(stream),
      PassOverEvent: (command) =>
        Effect.gen(function*() {
          const { device, userId } = yield* CurrentSession
          const { stream, version } = command
          const stop = yield* check(stream)
          if (stop?.version !== version) {
            const where = stop === null ? "it folds to its end" : `it stands still at version ${stop.version}`
            return yield* new NotQuarantined({ stream, message: where })
          }
          return yield* ask("PassOverEvent", command, { by: userId, device })
        })
    }
  }))
