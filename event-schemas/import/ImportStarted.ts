/** A file was handed over to be imported; it lies whole in the node's spool. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, ImportId, Text } from "../ids.ts"

export const ImportStarted = Event.make("import.ImportStarted", {
  routing: { owner: Did, importId: ImportId, bytes: Schema.Int.pipe(Schema.nonNegative()) },
  private: { name: Text.pipe(Schema.maxLength(1_024)) }
})
