/** The account an import gives of itself: every conversation and node of the file, and what became of it. */
import { DocumentId } from "@vivim/event-schemas/ids"
import { ImportCounts } from "@vivim/event-schemas/import/ImportCounts"
import * as Schema from "effect/Schema"

export const ImportItem = Schema.Struct({
  /** The provider's id, or where in the file it stood. */
  id: Schema.String,
  /** Null where there is none, or not any more: what came in is called what its conversation is called. */
  title: Schema.NullOr(Schema.String),
  /** The conversation it came into. */
  documentId: Schema.optionalWith(DocumentId, { exact: true }),
  /** `skipped`: a file of the export that holds no conversation. */
  status: Schema.Literal("imported", "merged", "empty", "quarantined", "skipped"),
  reason: Schema.NullOr(Schema.String)
})
export type ImportItem = typeof ImportItem.Type

export const ImportReceipt = Schema.Struct({
  format: Schema.String,
  ...ImportCounts.fields,
  items: Schema.Array(ImportItem)
})
export type ImportReceipt = typeof ImportReceipt.Type
