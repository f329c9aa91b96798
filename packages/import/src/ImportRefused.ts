/** The answers of a reader that cannot go on: the input is none of ours, or it could not be read from its disk. */
import * as Schema from "effect/Schema"

/** Nothing was imported: `reason` says what was seen, `hint` what can be read. */
export class ImportRefused extends Schema.TaggedError<ImportRefused>()("ImportRefused", {
  reason: Schema.String,
  hint: Schema.String
}) {
  override get message(): string {
    return `${this.reason} ${this.hint}`
  }
}

/** The disk or file system failed under the reader: weather, the same import may be tried again. */
export class SourceFailed extends Schema.TaggedError<SourceFailed>()("SourceFailed", {
  name: Schema.String,
  cause: Schema.Defect
}) {}

/** One file of the input holds damaged or forbidden bytes; the others are read on. */
export class EntryBroken extends Schema.TaggedError<EntryBroken>()("EntryBroken", {
  name: Schema.String,
  reason: Schema.String
}) {}
