/** All capabilities for one thing were taken back at once: those of another epoch than this open nothing. */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, StreamName } from "../ids.ts"

export const EpochAdvanced = Event.make("capability.EpochAdvanced", {
  routing: { owner: Did, resource: StreamName, epoch: Schema.Int.pipe(Schema.positive()) },
  private: {}
})
