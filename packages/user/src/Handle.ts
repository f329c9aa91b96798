/**
 * The law of a handle, and of all that look like it: one holder, for good.
 *
 * H1  A handle is held for one at a time, then kept by the account that was opened with it; whoever comes second is told so.
 * H2  What the node goes by itself is nobody's.
 * H3  A handle that was kept goes to nobody else, also when its account is gone.
 */
import * as Actor from "@vivim/actor/Actor"
import { HandleAddress, HandleLapsed, HandleReserved, HandleTaken, look } from "@vivim/contract/Handle"
import { NothingToChange } from "@vivim/contract/Refusal"
import { HandleClaimed, HandleEvents, HandleKept, HandleRetired } from "@vivim/event-schemas/handle/index"
import { Did, Millis, nodeItself } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

const HandleState = Schema.Struct({
  holder: Schema.NullOr(Did),
  /** Until when it is held; null once it is kept. */
  until: Schema.NullOr(Millis)
})
type HandleState = typeof HandleState.Type

/** Names by which people take whoever writes for the node itself, or programs a name for an address. */
const reserved = new Set(
  "abuse account accounts admin administrator anonymous api help host hostmaster info mail moderator node null official operator owner postmaster registry root security staff support sysadmin system undefined vivim webmaster wellknown www"
    .split(" ").map(look)
)

const isKeptBy = ({ holder, until }: HandleState, userId: Did) => holder === userId && until === null
const kept = () => refuse(new NothingToChange({ message: "the account has this handle already" }))

export const Handle = Actor.make({
  address: HandleAddress,
  events: HandleEvents,
  initial: { holder: null, until: null } as HandleState,
  snapshot: { version: 1, schema: HandleState },
  owner: () => nodeItself,

  decide: {
    ClaimHandle: (state, { handle, instead, until, userId }, { at }) => {
      const { holder } = state
      const claimed = accept(HandleClaimed({ handle, userId, until }))
      if (holder === null) return reserved.has(look(handle)) ? refuse(new HandleReserved({ handle })) : claimed
      if (isKeptBy(state, userId)) return kept()
      if (holder === userId) return claimed
      if (state.until === null || state.until >= at) return refuse(new HandleTaken({ handle }))
      return instead === holder ? claimed : refuse(new HandleLapsed({ handle, userId: holder }))
    },

    // The account is open: also one from before there were claims, and one whose time to open it has passed.
    KeepHandle: (state, { handle, userId }) =>
      isKeptBy(state, userId)
        ? kept()
        : state.holder === null || state.holder === userId
        ? accept(HandleKept({ handle, userId }))
        : refuse(new HandleTaken({ handle })),

    RetireHandle: ({ holder }, { handle, userId }) =>
      holder === userId ? accept(HandleRetired({ handle, userId })) : refuse(new HandleTaken({ handle }))
  },

  evolve: {
    "handle.HandleClaimed": (_, { until, userId }) => ({ holder: userId, until }),
    "handle.HandleKept": (_, { userId }) => ({ holder: userId, until: null }),
    // Its last holder will not come back, for a DID that left does not.
    "handle.HandleRetired": (_, { userId }) => ({ holder: userId, until: null })
  }
})
