/** `vivim processes`: how every process is and what is stuck; `processes retry` and `processes drop` for that. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { ProcessHealth, StuckStep } from "@vivim/contract/Process"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { ProcessName } from "@vivim/event-schemas/ids"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const process = Args.text({ name: "process" }).pipe(Args.withDescription("The process, such as trash"))
const reason = Options.text("reason").pipe(Options.withDescription("Why: kept, sealed, beside the decision"))
const step = Args.text({ name: "step" }).pipe(Args.withDescription("The step, as `vivim processes` names it"))

const line = ({ ended, failure, lag, process, refused, timers, version, waiting }: ProcessHealth) =>
  [
    (failure === null ? "running" : "stopped").padEnd(8),
    process.padEnd(12),
    `v${version}`.padEnd(4),
    `${lag} events behind, ${waiting} under way, ${timers} timers, ${ended} done, ${refused} refused`,
    ...failure === null ? [] : [failure]
  ].join("  ")

const stuckLine = ({ attempts, key, kind, name, process, reason, step, stuckAt }: StuckStep) =>
  [
    `stuck     ${process}  ${step}  ${kind} ${name} of ${key}`,
    `          since ${DateTime.formatIso(DateTime.unsafeMake(stuckAt))}, tried ${attempts} times: ${reason}`
  ].join("\n")

const missing = ({ process, step }: { readonly process: string; readonly step: string }) =>
  refused(`No step ${step} of ${process} is stuck. What is: vivim processes`)

const retry = Command.make(
  "retry",
  { process, step, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const done = yield* node.RetryStep({ process: given.process, step: given.step }).pipe(
          Effect.catchTag("NoSuchStep", missing)
        )
        yield* given.json
          ? printJson(done)
          : print(`${given.process} tries it again. See how it fares: vivim processes`)
      }))
).pipe(Command.withDescription("Try a stuck step again, at once"))

const drop = Command.make(
  "drop",
  { process, step, reason, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const receipt = yield* node.DropStep({
          commandId: yield* CommandIds.next,
          process: yield* Effect.mapError(Schema.decodeUnknown(ProcessName)(given.process), () => missing(given)),
          step: given.step,
          reason: given.reason
        }).pipe(Effect.catchTags({ NoSuchStep: missing, NothingToChange: ({ message }) => refused(`${message}.`) }))
        yield* given.json
          ? printJson(receipt)
          : print(
            `${given.process} gives it up; what waited behind it goes on. Position ${receipt.position} of the log says so.`
          )
      }))
).pipe(Command.withDescription("Give a stuck step up; what waits behind it goes on"))

export const processesCommand = Command.make(
  "processes",
  { json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const all = yield* node.ReadProcesses({})
        yield* given.json
          ? printJson(all)
          : print([...all.processes.map(line), ...all.stuck.map(stuckLine)].join("\n"))
      }))
).pipe(
  Command.withDescription("How every process is, and what of it is stuck"),
  Command.withSubcommands([retry, drop])
)
