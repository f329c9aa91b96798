/**
 * What operators decided about a process that cannot go on: which of its steps were given up.
 *
 * Y1  A step is given up once; asked again while it is among the newest, nothing changes.
 */
import * as Actor from "@vivim/actor/Actor"
import { ProcessAddress } from "@vivim/contract/Process"
import { NothingToChange } from "@vivim/contract/Refusal"
import { nodeItself } from "@vivim/event-schemas/ids"
import { ProcessEvents, StepDropped } from "@vivim/event-schemas/process/index"
import * as Schema from "effect/Schema"

/** Steps remembered. A step that was given up is gone: it is asked for again only where the answer was lost. */
const RememberedMax = 256

const ProcessState = Schema.Struct({ dropped: Schema.Array(Schema.String) })
export type ProcessState = typeof ProcessState.Type

export const ProcessRepair = Actor.make({
  address: ProcessAddress,
  events: ProcessEvents,
  initial: { dropped: [] } as ProcessState,
  snapshot: { version: 1, schema: ProcessState },
  owner: () => nodeItself,

  decide: {
    GiveUpStep: ({ dropped }, { key, kind, name, process, reason, step }) =>
      dropped.includes(step)
        ? Actor.refuse(new NothingToChange({ message: `${process} has given up step ${step} already` }))
        : Actor.accept(StepDropped({ process, step, kind, name, key, reason }))
  },

  evolve: {
    "process.StepDropped": ({ dropped }, { step }) => ({ dropped: [...dropped, step].slice(-RememberedMax) })
  }
})
