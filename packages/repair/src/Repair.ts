/**
 * What operators decided about an actor that stands still: which of its events it passes over.
 *
 * Z1  An event is passed over once, and for good.
 */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { RepairAddress } from "@vivim/contract/Repair"
import { nodeItself } from "@vivim/event-schemas/ids"
import { EventPassedOver, RepairEvents } from "@vivim/event-schemas/repair/index"
import * as Schema from "effect/Schema"

const RepairState = Schema.Struct({ passedOver: Schema.Array(Schema.Int) })
export type RepairState = typeof RepairState.Type

export const Repair = Actor.make({
  address: RepairAddress,
  events: RepairEvents,
  initial: { passedOver: [] } as RepairState,
  snapshot: { version: 1, schema: RepairState },
  owner: () => nodeItself,

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
