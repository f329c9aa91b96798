/** Imports as their owner sees them: what runs, how far it is, and the receipt at the end. Files come in by `POST /api/v1/imports`. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { ContentRef } from "@vivim/event-schemas/document/Message"
import { ImportId, Millis, Text } from "@vivim/event-schemas/ids"
import { ImportCounts } from "@vivim/event-schemas/import/ImportCounts"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, query, watch } from "./Call.ts"
import { ImportReceipt } from "./ImportReceipt.ts"
import { NothingToChange } from "./Refusal.ts"

export class NoSuchImport extends Schema.TaggedError<NoSuchImport>()("NoSuchImport", { importId: ImportId }) {}

/** What the node itself tells the actor of an import. Not a public door: a file comes in by `POST /api/v1/imports`. */
export class ImportCommands extends RpcGroup.make(
  command("StartImport", "POST /imports/:importId/start", "A file lies whole in the spool", {
    payload: {
      importId: ImportId,
      name: Text.pipe(Schema.maxLength(1_024)),
      bytes: Schema.Int.pipe(Schema.nonNegative())
    },
    refusals: NothingToChange
  }),
  command(
    "FinishImport",
    "POST /imports/:importId/finish",
    "Every node of the file is accounted for, or it was refused",
    {
      payload: {
        importId: ImportId,
        outcome: Schema.Literal("imported", "refused", "cancelled"),
        receipt: Schema.NullOr(ContentRef),
        format: Schema.NullOr(Text),
        counts: Schema.NullOr(ImportCounts),
        refusal: Schema.NullOr(Text)
      },
      refusals: Schema.Union(NoSuchImport, NothingToChange)
    }
  )
) {}

export const ImportAddress = Address.make({ kind: "import", commands: ImportCommands, id: ({ importId }) => importId })

/** `running` and what is done so far; then `imported` with all sums, or `refused` with the reason, or `cancelled`. */
export class ImportStatus extends Schema.Class<ImportStatus>("ImportStatus")({
  importId: ImportId,
  name: Schema.String,
  state: Schema.Literal("running", "imported", "refused", "cancelled"),
  format: Schema.NullOr(Schema.String),
  bytes: Schema.Struct({ read: Schema.Number, total: Schema.Number }),
  counts: ImportCounts,
  refusal: Schema.NullOr(Schema.String),
  startedAt: Millis,
  finishedAt: Schema.NullOr(Millis)
}) {}

export class ImportViews extends RpcGroup.make(
  watch("WatchImports", "GET /imports", "Your imports, newest first", {
    payload: {},
    success: Schema.Array(ImportStatus),
    refusals: Schema.Never
  }),
  watch("WatchImport", "GET /imports/:importId", "One import and how far it is", {
    payload: { importId: ImportId },
    success: ImportStatus,
    refusals: NoSuchImport
  }),
  query("ReadImportReceipt", "GET /imports/:importId/receipt", "The whole receipt, item by item", {
    payload: { importId: ImportId },
    success: ImportReceipt,
    refusals: NoSuchImport
  }),
  query("CancelImport", "DELETE /imports/:importId", "Stop an import; what came in stays", {
    payload: { importId: ImportId },
    success: ImportStatus,
    refusals: Schema.Union(NoSuchImport, NothingToChange)
  })
) {}
