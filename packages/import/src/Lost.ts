/**
 * Imports whose file is gone: the log says that they started, never that they ended, and nothing of them lies in the spool. So it
 * is after a restore, for a backup holds no spool, and where a folder was emptied by hand.
 */
import { ImportAddress } from "@vivim/contract/Import"
import type { Did, ImportId } from "@vivim/event-schemas/ids"
import { ImportFinished, ImportStarted } from "@vivim/event-schemas/import/index"
import type { EventStore } from "@vivim/event-store/EventStore"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Spool } from "./Spool.ts"

/** An import nobody can bring to its end any more. */
export interface LostImport {
  readonly importId: ImportId
  readonly owner: Did
}

/** What its owner is told: what to do, and that nothing is lost by it. */
export const reason =
  "The import was cut off, and its file is no longer on this node (a backup holds no files that are still being imported). " +
  "What had come in is kept. Import the file again: what is there already is not taken in twice."

/** Of the imports that had started when the log stood at `upTo`, those that are lost. */
export const find = Effect.fn("Lost.find")(function*(
  eventStore: Context.Tag.Service<EventStore>,
  spool: Spool,
  upTo: number
) {
  const unfinished = new Map<ImportId, LostImport>()
  const filter = { category: ImportAddress.kind, types: [ImportStarted.tag, ImportFinished.tag] }
  yield* Stream.runForEach(eventStore.readAll(0, { upTo, filter }), ({ owner, stream, type }) =>
    Effect.sync(() => {
      const importId = stream.slice(ImportAddress.kind.length + 1) as ImportId
      if (type === ImportStarted.tag) unfinished.set(importId, { importId, owner: owner as Did })
      else unfinished.delete(importId)
    }))
  return yield* Effect.filter([...unfinished.values()], ({ importId }) => Effect.negate(spool.has(importId)))
})
