/** The keys of a stream were destroyed: what was sealed in it up to that version is not to be read any more, by anybody. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, StreamName } from "../ids.ts"

export const KeysDestroyed = Event.make("vault.KeysDestroyed", {
  routing: {
    stream: StreamName,
    upTo: Schema.Int.pipe(Schema.positive()),
    /** Not of this stream alone: all keys of its owner, who left. */
    all: Schema.NullOr(Did)
  },
  private: {}
})
