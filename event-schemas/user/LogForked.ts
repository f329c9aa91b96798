/** Somebody signed a second successor of an operation: with the log up to there, proof that the account's keys are used against it. */
import * as Schema from "effect/Schema"
import { bytes } from "../Bytes.ts"
import * as Event from "../Event.ts"
import { ContentHash, Did } from "../ids.ts"

export const LogForked = Event.make("user.LogForked", {
  routing: {
    userId: Did,
    /** Where the two stand in the log. */
    seq: Schema.Int.pipe(Schema.positive()),
    /** Hash of the operation that stands there. */
    kept: ContentHash,
    rival: bytes(8 * 1_024)
  },
  private: {}
})
