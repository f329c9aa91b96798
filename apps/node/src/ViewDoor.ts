/**
 * The operator's hand on the views: how each is, and what to do about one that stands still. What is decided for good is recorded
 * by the view's own actor; this door only sees to it that the view stands where it is said to.
 */
import * as ActorHost from "@vivim/actor/ActorHost"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import { NoSuchView, ViewAddress, ViewCommands, ViewDoors } from "@vivim/contract/View"
import { Views } from "@vivim/projection/Views"
import * as Effect from "effect/Effect"
import { Health } from "./Health.ts"

const Doors = ViewCommands.merge(ViewDoors).middleware(SessionGuard)

export const handlers = Doors.toLayer(Effect.gen(function*() {
  const views = yield* Views
  const health = yield* Health
  const ask = yield* ActorHost.client(ViewAddress)
  const caller = Effect.map(CurrentSession, ({ device, userId }) => ({ by: userId, device }))
  return {
    ReadViews: () => Effect.map(health.read, (health) => health.views),
    ResumeView: ({ user, view }) => Effect.map(views.resume(view, user), (resumed) => ({ resumed })),
    SkipEvent: (command) =>
      Effect.flatMap(caller, (caller) => views.skip(command.view, command.position, ask("SkipEvent", command, caller))),
    WithdrawSkip: (command) =>
      views.names.includes(command.view)
        ? Effect.flatMap(caller, (caller) => ask("WithdrawSkip", command, caller))
        : Effect.fail(new NoSuchView({ view: command.view, known: [...views.names] }))
  }
}))
