/** The sums of an import: `found` equals the sum of the others, on both lines. Part of stored events: what is published is never edited. */
import * as Schema from "effect/Schema"

const Count = Schema.Int.pipe(Schema.nonNegative())

export const ImportCounts = Schema.Struct({
  conversations: Schema.Struct({ found: Count, imported: Count, merged: Count, empty: Count, quarantined: Count }),
  nodes: Schema.Struct({ found: Count, kept: Count, hidden: Count, merged: Count, quarantined: Count })
})
export type ImportCounts = typeof ImportCounts.Type
