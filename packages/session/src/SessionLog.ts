/**
 * What was done with a user's sessions and means, as events in a stream of its own: `session/<did>`. The rooms of the node note it here;
 * there is no public door.
 *
 * L1  Whatever the node notes is kept, in the order it was noted, for the user it is about.
 */
import * as Rpc from "@effect/rpc/Rpc"
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as Actor from "@vivim/actor/Actor"
import * as Address from "@vivim/contract/Address"
import { LimitExceeded, NotAllowed, Unavailable } from "@vivim/contract/Refusal"
import { CommandId, Did, nodeItself } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import { type SessionEvent, SessionEvents } from "@vivim/event-schemas/session/index"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

/** The events are declared with their schemas; a note carries one as it will lie there, encoded and decoded by nobody on the way. */
const Noted: Schema.Schema<SessionEvent> = Schema.declare(
  (value): value is SessionEvent =>
    SessionEvents.events.some(({ tag }) => tag === (value as { readonly _tag?: string })?._tag)
)

class SessionNotes extends RpcGroup.make(
  Rpc.make("NoteSession", {
    payload: { commandId: CommandId, userId: Did, event: Noted },
    success: Receipt,
    error: Schema.Union(NotAllowed, LimitExceeded, Unavailable)
  })
) {}

export const SessionLogAddress = Address.make({ kind: "session", commands: SessionNotes, id: ({ userId }) => userId })

/** How many times something was noted: nothing is decided by it. */
const SessionLogState = Schema.Struct({ userId: Schema.NullOr(Did), noted: Schema.Int })
export type SessionLogState = typeof SessionLogState.Type

const note = ({ noted }: SessionLogState, { userId }: { readonly userId: Did }): SessionLogState => ({
  userId,
  noted: noted + 1
})

export const SessionLog = Actor.make({
  address: SessionLogAddress,
  events: SessionEvents,
  initial: { userId: null, noted: 0 } as SessionLogState,
  snapshot: { version: 1, schema: SessionLogState },
  // What the node notes is its own: it has to be able to note a sign-in while the user's vault is still locked.
  owner: () => nodeItself,

  decide: {
    NoteSession: (_, { event, userId }) =>
      event.userId === userId
        ? accept(event)
        : refuse(new NotAllowed({ message: "a note is about the user whose log it is in" }))
  },

  evolve: {
    "session.AccountExported": note,
    "session.SessionOpened": note,
    "session.SessionEnded": note,
    "session.RefreshReused": note,
    "session.MeansAdded": note,
    "session.MeansRemoved": note,
    "session.CounterWentBack": note
  }
})
