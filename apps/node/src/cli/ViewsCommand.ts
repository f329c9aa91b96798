/** `vivim views`: how every view is; `views resume` and `views skip` for one that stands still. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { ViewHealth } from "@vivim/contract/View"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { Did, Position, ViewName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const view = Args.text({ name: "view" }).pipe(Args.withDescription("The view, such as library or circles"))
const position = Options.integer("position").pipe(Options.withDescription("The position of the event"))
const reason = Options.text("reason").pipe(Options.withDescription("Why: kept, sealed, beside the decision"))
const user = Options.text("user").pipe(
  Options.withDescription("The DID of the user whose file of the view is meant"),
  Options.optional
)

const place = ({ position, reason, stream, type, version }: NonNullable<ViewHealth["stop"]>) =>
  `at position ${position}${stream === null ? "" : ` (${type}, ${stream}@${version})`}: ${reason}`

const lines = (health: ViewHealth): ReadonlyArray<string> => [
  [
    health.state.padEnd(8),
    health.view.padEnd(12),
    `v${health.version}`.padEnd(4),
    `position ${health.position}`,
    health.lag === 0 ? "" : `${health.lag} events behind, for ${Math.round(health.lagMs / 1_000)} s`
  ].join("  ").trimEnd(),
  ...health.stop === null ? [] : [`          stopped ${place(health.stop)}`],
  ...health.trouble === null ? [] : [`          waits: ${health.trouble}`],
  ...health.skipped.length === 0 ? [] : [`          passes over: ${health.skipped.join(", ")}`],
  ...health.users.map(({ state, stop, user }) => `          ${user}: ${state} ${place(stop)}`),
  ...health.usersBehind > health.users.length
    ? [`          and ${health.usersBehind - health.users.length} more users`]
    : []
]

const decoded = <A, I>(schema: Schema.Schema<A, I>, value: unknown, sentence: string) =>
  Effect.mapError(Schema.decodeUnknown(schema)(value), () => refused(sentence))

/** What the node says no to, in words. */
const explained = {
  NoSuchView: ({ known, view }: { readonly view: string; readonly known: ReadonlyArray<string> }) =>
    refused(`There is no view "${view}"; there are: ${known.join(", ")}.`),
  NotStopped: ({ message }: { readonly message: string }) => refused(`Nothing to do: ${message}.`),
  NothingToChange: ({ message }: { readonly message: string }) => refused(`Nothing to do: ${message}.`)
}

const resume = Command.make(
  "resume",
  { view, user, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const whose = Option.isNone(given.user)
          ? {}
          : { user: yield* decoded(Did, given.user.value, `"${given.user.value}" is not a DID.`) }
        const { NoSuchView, NotStopped } = explained
        const done = yield* node.ResumeView({ view: given.view, ...whose }).pipe(
          Effect.catchTags({ NoSuchView, NotStopped })
        )
        yield* given.json
          ? printJson(done)
          : print(`${given.view} tries again. See how it fares: vivim views`)
      }))
).pipe(Command.withDescription("Have a stopped view, or one user's file of it, try again"))

/** Which event of which view, and why. */
const about = (given: { readonly view: string; readonly position: number; readonly reason: string }) =>
  Effect.gen(function*() {
    return {
      commandId: yield* CommandIds.next,
      view: yield* decoded(ViewName, given.view, `"${given.view}" is not the name of a view.`),
      position: yield* decoded(Position, given.position, "A position is counted from 1."),
      reason: given.reason
    }
  })

const skip = Command.make(
  "skip",
  { view, position, reason, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const receipt = yield* node.SkipEvent(yield* about(given)).pipe(Effect.catchTags(explained))
        yield* given.json
          ? printJson(receipt)
          : print(
            `${given.view} passes over position ${given.position}; position ${receipt.position} of the log says so.`
          )
      }))
).pipe(Command.withDescription("Have a view pass over the event it stopped at, also when it is built again"))

const unskip = Command.make(
  "unskip",
  { view, position, reason, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const { NoSuchView, NothingToChange } = explained
        const receipt = yield* node.WithdrawSkip(yield* about(given)).pipe(
          Effect.catchTags({ NoSuchView, NothingToChange })
        )
        yield* given.json
          ? printJson(receipt)
          : print(`${given.view} takes position ${given.position} when it is next built: vivim rebuild ${given.view}`)
      }))
).pipe(Command.withDescription("Have a skipped event taken after all, when the view is next built"))

export const viewsCommand = Command.make(
  "views",
  { json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const views = yield* node.ReadViews({})
        yield* given.json ? printJson(views) : print(views.flatMap(lines).join("\n"))
      }))
).pipe(
  Command.withDescription("How every view is, and what to do about one that stands still"),
  Command.withSubcommands([resume, skip, unskip])
)
