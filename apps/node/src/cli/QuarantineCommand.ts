/** `vivim quarantine`: actors that stand still; `quarantine check` and `quarantine pass-over` for one of them. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { Quarantined } from "@vivim/contract/Repair"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { StreamName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const stream = Args.text({ name: "stream" }).pipe(Args.withDescription("The actor's stream, such as document/c-12ab"))
// Not `--version`: every command answers that with the program's own.
const version = Options.integer("at").pipe(Options.withDescription("The version of the event it stands at"))
const reason = Options.text("reason").pipe(Options.withDescription("Why: kept, sealed, beside the decision"))

const line = ({ position, reason, stream, type, version }: Quarantined) =>
  `${stream} stands still at version ${version} (${type}, position ${position}): ${reason}`

const streamName = (given: string) =>
  Effect.mapError(
    Schema.decodeUnknown(StreamName)(given),
    () => refused(`"${given}" is no stream: a stream is a kind and an id, such as document/c-12ab.`)
  )

/** What the node says no to, in words. */
const explained = {
  NotQuarantined: ({ message, stream }: { readonly message: string; readonly stream: string }) =>
    refused(`Nothing to do for ${stream}: ${message}.`),
  NothingToChange: ({ message }: { readonly message: string }) => refused(`Nothing to do: ${message}.`)
}

const check = Command.make("check", { stream, json }, (given) =>
  withNode(undefined, () =>
    Effect.gen(function*() {
      const node = yield* VivimClient
      const { NotQuarantined } = explained
      const stop = yield* node.CheckActor({ stream: yield* streamName(given.stream) }).pipe(
        Effect.catchTags({ NotQuarantined })
      )
      if (given.json) return yield* printJson(stop)
      yield* print(stop === null ? `${given.stream} folds to its end.` : line(stop))
    }))).pipe(Command.withDescription("Fold one actor's stream and see whether it stands still"))

const passOver = Command.make(
  "pass-over",
  { stream, at: version, reason, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const receipt = yield* node.PassOverEvent({
          commandId: yield* CommandIds.next,
          stream: yield* streamName(given.stream),
          version: given.at,
          reason: given.reason
        }).pipe(Effect.catchTags(explained))
        yield* given.json
          ? printJson(receipt)
          : print(
            `${given.stream} passes over version ${given.at}; position ${receipt.position} of the log says so.`
          )
      }))
).pipe(Command.withDescription("Have an actor pass over the event it stands still at, for good"))

export const quarantineCommand = Command.make(
  "quarantine",
  { json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const stops = yield* node.ReadQuarantine({})
        if (given.json) return yield* printJson(stops)
        yield* print(
          stops.length === 0 ? "No actor stands still, as far as this node has met them." : stops.map(line).join("\n")
        )
      }))
).pipe(
  Command.withDescription("Actors that stand still because they cannot fold an event of theirs"),
  Command.withSubcommands([check, passOver])
)
