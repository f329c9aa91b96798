/**
 * What operators decided about an actor that stands still: which of its events it passes over.
 *
 * Z1  An event is passed over once, and for good.
 */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { RepairAddress } from "@vivim/contract/Repair"
import { Did } from "@vivim/event-schemas/ids"
import { EventPassedOver, RepairEvents } from "@vivim/event-schemas/repair/index"
import * as Schema from "effect/Schema"

const RepairState = Schema.Struct({ passedOver: Schema.Array(Schema.Int) })
export type RepairState = typeof RepairState.Type

/** What is decided about actors is this node's own; until nodes have an identity of their own it carries this one. */
const Node = Did.make("did:web:node")

export const Repair = Actor.make({
  address: RepairAddress,
  events: RepairEvents,
  initial: { passedOver: [] } as RepairState,
  snapshot: { version: 1, schema: RepairState },
  owner: () => Node,

  decide: {
    PassOverEvent: ({ passedOver }, { reason, stream, version }) =>
      passedOver.includes(version)
        ? Actor.refuse(new NothingToChange({ message: `${stream} passes over version ${version} already` }))
        : Actor.accept(EventPassedOver({ stream, version, reason }))
  },

  evolve: {
    "repair.EventPassedOver": ({ passedOver }, { version }) => ({ passedOver: [...passedOver, version] })
  }
})
