/** Why the embedded database is not there: one plain sentence that says what to do. */
import * as Data from "effect/Data"

export class EmbeddedPostgresError extends Data.TaggedError("EmbeddedPostgresError")<{ readonly message: string }> {}
