/**
 * What operators decided about a view: which events it passes over.
 *
 * G1  An event is skipped once, until the skip is withdrawn.
 */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { ViewAddress } from "@vivim/contract/View"
import { nodeItself, Position } from "@vivim/event-schemas/ids"
import { EventSkipped, SkipWithdrawn, ViewEvents } from "@vivim/event-schemas/view/index"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

const ViewState = Schema.Struct({ skipped: Schema.Array(Position) })
export type ViewState = typeof ViewState.Type

export const View = Actor.make({
  address: ViewAddress,
  events: ViewEvents,
  initial: { skipped: [] } as ViewState,
  snapshot: { version: 1, schema: ViewState },
  owner: () => nodeItself,

  decide: {
    SkipEvent: ({ skipped }, { position, reason, view }) =>
      skipped.includes(position)
        ? refuse(new NothingToChange({ message: `${view} passes over position ${position} already` }))
        : accept(EventSkipped({ view, position, reason })),

    WithdrawSkip: ({ skipped }, { position, reason, view }) =>
      skipped.includes(position)
        ? accept(SkipWithdrawn({ view, position, reason }))
        : refuse(new NothingToChange({ message: `${view} does not pass over position ${position}` }))
  },

  evolve: {
    "view.EventSkipped": ({ skipped }, { position }) => ({ skipped: [...skipped, position] }),
    "view.SkipWithdrawn": ({ skipped }, { position }) => ({ skipped: skipped.filter((other) => other !== position) })
  }
})
