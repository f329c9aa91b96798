/** A process as its operator sees it: how far it is, what waits, what is stuck, and what can be done about it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Millis, ProcessName, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, query } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())

/**
 * `lag` counts the events it has not decided on; `waiting` the commands it has decided to ask and has no answer to; `timers` those
 * that are set; `stuck` what waits for an operator; `ended` and `refused` what was carried out and refused since it began.
 */
export const ProcessHealth = Schema.Struct({
  process: Schema.String,
  version: Schema.Int,
  position: Schema.Int,
  lag: Count,
  waiting: Count,
  timers: Count,
  stuck: Count,
  ended: Count,
  refused: Count,
  /** What stopped it last, or null while it runs; it tries again by itself. */
  failure: Schema.NullOr(Schema.String)
}).annotations({ identifier: "ProcessHealth" })
export type ProcessHealth = typeof ProcessHealth.Type

/** A step that was tried often enough, or that its process stumbled over. It holds up what follows under its key, and nothing else. */
export const StuckStep = Schema.Struct({
  process: Schema.String,
  step: Schema.String,
  kind: Schema.Literal("ask", "timer", "event"),
  key: Schema.String,
  /** The command, the timer or the event. */
  name: Schema.String,
  attempts: Count,
  reason: Schema.String,
  stuckAt: Millis
}).annotations({ identifier: "StuckStep" })
export type StuckStep = typeof StuckStep.Type

/** No such step is stuck; it may have gone on meanwhile. */
export class NoSuchStep extends Schema.TaggedError<NoSuchStep>()("NoSuchStep", {
  process: Schema.String,
  step: Schema.String
}) {}

/** A command that was refused; the newest two hundred of each process are kept. */
export const RefusedStep = Schema.Struct({
  step: Schema.String,
  key: Schema.String,
  command: Schema.String,
  refusal: Schema.String,
  at: Millis
}).annotations({ identifier: "RefusedStep" })

export class NoSuchProcess extends Schema.TaggedError<NoSuchProcess>()("NoSuchProcess", {
  process: Schema.String,
  known: Schema.Array(Schema.String)
}) {}

const step = { process: Schema.String, step: Schema.String }
const Name = Text.pipe(Schema.maxLength(512))
const Reason = Text.pipe(Schema.maxLength(1_024))

/** What the node itself tells the actor of a process, once it has seen which step that is. Not a public door: `DropStep` is. */
export class ProcessCommands extends RpcGroup.make(
  command("GiveUpStep", "POST /processes/:process/given-up", "An operator has given a stuck step up", {
    payload: {
      process: ProcessName,
      step: Name,
      kind: Schema.Literal("ask", "timer", "event"),
      name: Name,
      key: Name,
      reason: Reason
    },
    refusals: NothingToChange
  })
) {}

export const ProcessAddress = Address.make({
  kind: "process",
  commands: ProcessCommands,
  id: ({ process }) => process
})

const needs = "operator" as const

export class ProcessViews extends RpcGroup.make(
  query("ReadProcesses", "GET /processes", "Every process, and every step that is stuck", {
    payload: {},
    success: Schema.Struct({ processes: Schema.Array(ProcessHealth), stuck: Schema.Array(StuckStep) }),
    refusals: Schema.Never,
    needs
  }),
  query("ReadRefusals", "GET /processes/:process/refusals", "What a process asked and was refused, newest first", {
    payload: { process: Schema.String },
    success: Schema.Array(RefusedStep),
    refusals: NoSuchProcess,
    needs
  }),
  query("RetryStep", "POST /processes/:process/steps/:step/retry", "Try a stuck step again, at once", {
    payload: step,
    success: Schema.Struct(step),
    refusals: NoSuchStep,
    needs
  }),
  command("DropStep", "DELETE /processes/:process/steps/:step", "Give a stuck step up; what follows it goes on", {
    payload: { process: ProcessName, step: Name, reason: Reason },
    refusals: Schema.Union(NoSuchStep, NothingToChange),
    needs
  })
) {}
