/**
 * An operator gave up a step of a process that could not be carried out: the command was not asked, the timer did not ring, the event
 * was not reacted to. What waited behind it went on.
 */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { ProcessName, Text } from "../ids.ts"

const Name = Text.pipe(Schema.maxLength(512))

export const StepDropped = Event.make("process.StepDropped", {
  routing: {
    process: ProcessName,
    step: Name,
    kind: Schema.Literal("ask", "timer", "event"),
    /** The command, the timer or the event. */
    name: Name,
    /** Whose order it held up. */
    key: Name
  },
  private: { reason: Text.pipe(Schema.maxLength(1_024)) }
})
