/** Tea: a pot that is filled once, poured from, and empty after three cups. An actor for tests alone, so that it may be broken. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as Actor from "@vivim/actor/Actor"
import * as Address from "@vivim/contract/Address"
import { command } from "@vivim/contract/Call"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import * as Event from "@vivim/event-schemas/Event"
import { Did, DocumentId, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"

export const Filled = Event.make("tea.Filled", { routing: { owner: Did }, private: { leaf: Text } })
export const Poured = Event.make("tea.Poured", { routing: {}, private: { note: Text } })
export const TeaEvents = Event.vocabulary(Filled, Poured)

export const TeaState = Schema.Struct({ owner: Schema.NullOr(Did), cups: Schema.Int })
export type TeaState = typeof TeaState.Type

const pot = { pot: DocumentId }
const refusals = NothingToChange
const Fill = command("Fill", "POST /pots", "Fill a pot", { payload: { ...pot, leaf: Text }, refusals })
const Pour = command("Pour", "POST /pots/:pot/cups", "Pour a cup", { payload: { ...pot, note: Text }, refusals })
const Serve = command("Serve", "POST /pots/:pot/serve", "Fill a pot and pour two cups", {
  payload: { ...pot, leaf: Text },
  refusals
})

const full = Actor.refuse(new NotAllowed({ message: "full" }))

export const Tea = Actor.make({
  address: Address.make({ kind: "tea", commands: RpcGroup.make(Fill, Pour, Serve), id: ({ pot }) => pot }),
  events: TeaEvents,
  initial: { owner: null, cups: 0 } as TeaState,
  snapshot: { version: 1, schema: TeaState },
  owner: ({ owner }, by) => owner ?? by,
  decide: {
    Fill: ({ owner }, { leaf }, { by }) => owner === null ? Actor.accept(Filled({ owner: by, leaf })) : full,
    Pour: ({ cups }, { note }) =>
      cups > 0 ? Actor.accept(Poured({ note })) : Actor.refuse(new NothingToChange({ message: "empty" })),
    Serve: ({ owner }, { leaf }, { by }) =>
      owner === null
        ? Actor.accept(Filled({ owner: by, leaf }), Poured({ note: "one" }), Poured({ note: "two" }))
        : full
  },
  evolve: {
    "tea.Filled": (_, { owner }) => ({ owner, cups: 3 }),
    "tea.Poured": (state) => ({ ...state, cups: state.cups - 1 })
  }
})
