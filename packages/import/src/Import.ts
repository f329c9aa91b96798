/**
 * One import of one file: it starts when the file lies whole in the spool, and ends once.
 *
 * M1  An import starts once and ends once, for the one who started it.
 */
import * as Actor from "@vivim/actor/Actor"
import { ImportAddress, NoSuchImport } from "@vivim/contract/Import"
import { NothingToChange } from "@vivim/contract/Refusal"
import { Did } from "@vivim/event-schemas/ids"
import { ImportEvents, ImportFinished, ImportStarted } from "@vivim/event-schemas/import/index"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

const ImportState = Schema.Struct({ owner: Schema.NullOr(Did), finished: Schema.Boolean })
export type ImportState = typeof ImportState.Type

export const Import = Actor.make({
  address: ImportAddress,
  events: ImportEvents,
  initial: { owner: null, finished: false } as ImportState,
  snapshot: { version: 1, schema: ImportState },
  owner: ({ owner }, by) => owner ?? by,

  decide: {
    StartImport: ({ owner }, { bytes, importId, name }, { by }) =>
      owner === null
        ? accept(ImportStarted({ owner: by, importId, bytes, name }))
        : refuse(new NothingToChange({ message: "the import has started" })),

    FinishImport: ({ finished, owner }, { commandId: _, ...outcome }, { by }) => {
      if (owner !== by) return refuse(new NoSuchImport({ importId: outcome.importId }))
      return finished
        ? refuse(new NothingToChange({ message: "the import has ended" }))
        : accept(ImportFinished({ ...outcome, owner: by }))
    }
  },

  shredded: {
    "import.ImportStarted": (_, { owner }) => ({ owner, finished: false }),
    "import.ImportFinished": (state) => ({ ...state, finished: true })
  },

  evolve: {
    "import.ImportStarted": (_, { owner }) => ({ owner, finished: false }),
    "import.ImportFinished": (state) => ({ ...state, finished: true })
  }
})
