/**
 * A circle of people.
 *
 * C1  A circle is drawn once, and its founder is its first member.
 * C2  Only a member changes it; to anyone else it does not exist.
 * C3  Whoever is in cannot be brought in again; whoever is not in cannot be let go.
 * C4  A member may leave, the founder may let anyone go; the founder stays.
 * C5  An archived circle changes no more.
 */
import * as Actor from "@vivim/actor/Actor"
import {
  CircleAddress,
  CircleClosed,
  CircleTaken,
  FounderStays,
  NoSuchCircle,
  NotAMember
} from "@vivim/contract/Circle"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import {
  CircleArchived,
  CircleCreated,
  CircleEvents,
  CircleRenamed,
  MemberAdded,
  MemberRemoved
} from "@vivim/event-schemas/circle/index"
import { type CircleId, Did } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

/** What a circle must remember to decide, and nothing more. */
const CircleState = Schema.Struct({
  founder: Schema.NullOr(Did),
  name: Schema.String,
  members: Schema.ReadonlySet(Did),
  archived: Schema.Boolean
})
export type CircleState = typeof CircleState.Type

/** Runs the decision for a member of an open circle. */
const member = <Command extends { readonly circleId: CircleId }, D>(
  decide: (state: CircleState, command: Command, circumstance: Actor.Circumstance) => D
) =>
(state: CircleState, command: Command, circumstance: Actor.Circumstance) => {
  if (!state.members.has(circumstance.by)) return refuse(new NoSuchCircle(command))
  return state.archived ? refuse(new CircleClosed(command)) : decide(state, command, circumstance)
}

export const Circle = Actor.make({
  address: CircleAddress,
  events: CircleEvents,
  initial: { founder: null, name: "", members: new Set(), archived: false } as CircleState,
  snapshot: { version: 1, schema: CircleState },
  owner: ({ founder }, by) => founder ?? by,

  decide: {
    CreateCircle: ({ founder }, { circleId, name }, { by }) =>
      founder === null ? accept(CircleCreated({ circleId, founder: by, name })) : refuse(new CircleTaken({ circleId })),

    RenameCircle: member((state, { circleId, name }) =>
      state.name === name
        ? refuse(new NothingToChange({ message: "the circle has that name already" }))
        : accept(CircleRenamed({ circleId, name }))
    ),

    AddMember: member(({ members }, { circleId, member }, { by }) =>
      members.has(member)
        ? refuse(new NothingToChange({ message: `${member} is in the circle already` }))
        : accept(MemberAdded({ circleId, member, addedBy: by }))
    ),

    RemoveMember: member(({ founder, members }, { circleId, member }, { by }) => {
      if (!members.has(member)) return refuse(new NotAMember({ member }))
      if (member === founder) return refuse(new FounderStays({ founder: member }))
      return by === member || by === founder
        ? accept(MemberRemoved({ circleId, member, removedBy: by }))
        : refuse(new NotAllowed({ message: "only the founder lets others go" }))
    }),

    ArchiveCircle: member(({ founder }, { circleId }, { by }) =>
      by === founder
        ? accept(CircleArchived({ circleId }))
        : refuse(new NotAllowed({ message: "only the founder closes the circle" }))
    )
  },

  // The founder left, and took the name along.
  shredded: {
    "circle.CircleCreated": (_, { founder }) => ({ founder, name: "", members: new Set([founder]), archived: false })
  },

  evolve: {
    "circle.CircleCreated": (_, { founder, name }) => ({ founder, name, members: new Set([founder]), archived: false }),
    "circle.CircleRenamed": (state, { name }) => ({ ...state, name }),
    "circle.MemberAdded": (state, { member }) => ({ ...state, members: new Set(state.members).add(member) }),
    "circle.MemberRemoved": (state, { member }) => ({
      ...state,
      members: new Set([...state.members].filter((other) => other !== member))
    }),
    "circle.CircleArchived": (state) => ({ ...state, archived: true })
  }
})
