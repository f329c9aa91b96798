/** An import came to its end: every node of the file is accounted for, or the file was refused as a whole. */
import * as Schema from "effect/Schema"
import { ContentRef } from "../document/Message.ts"
import * as Event from "../Event.ts"
import { Did, ImportId, Text } from "../ids.ts"
import { ImportCounts } from "./ImportCounts.ts"

export const ImportFinished = Event.make("import.ImportFinished", {
  routing: {
    owner: Did,
    importId: ImportId,
    outcome: Schema.Literal("imported", "refused", "cancelled"),
    /** The whole receipt, item by item, in the content store. */
    receipt: Schema.NullOr(ContentRef)
  },
  private: {
    format: Schema.NullOr(Text),
    counts: Schema.NullOr(ImportCounts),
    refusal: Schema.NullOr(Text)
  }
})
