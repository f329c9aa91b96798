/** `vivim replay`: folds one stream to any point and prints its state, or rebuilds all views beside and compares them. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { ViewComparison } from "@vivim/contract/Operator"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { couldNot, print, printJson, refused } from "./Ended.ts"
import { finish } from "./Finish.ts"
import { withNode } from "./NodeConnection.ts"
import { actAs, json } from "./Switches.ts"

const stream = Args.text({ name: "stream" }).pipe(
  Args.withDescription("The stream to fold, such as circle/lanterns"),
  Args.optional
)
const version = Options.integer("at").pipe(
  Options.withDescription("Fold up to this version of the stream"),
  Options.optional
)
const position = Options.integer("position").pipe(
  Options.withDescription("Fold up to this position of the log"),
  Options.optional
)
const compare = Options.boolean("compare").pipe(
  Options.withDescription("Rebuild every view into a fresh target and compare it with the one that serves")
)

const page = ({ equal, upTo, views }: ViewComparison) =>
  [
    ...views.flatMap(({ differences, equal, rows, view }) => [
      `${equal ? "equal " : "DIFFERS"}  ${view}  ${rows} rows`,
      ...differences.map((difference) => `         ${difference}`)
    ]),
    equal
      ? `All views equal a fresh replay up to position ${upTo}.`
      : `Some views differ from a fresh replay up to position ${upTo}.`
  ].join("\n")

const compareAll = (asJson: boolean) =>
  withNode(undefined, () =>
    Effect.gen(function*() {
      const node = yield* VivimClient
      const outcome = yield* finish(node.CompareViews({}), "ViewComparison")
      yield* asJson ? printJson(outcome) : print(page(outcome))
      if (!outcome.equal) return yield* couldNot("Rebuild the views that differ with `vivim rebuild <view>`.")
    }))

export const replayCommand = Command.make("replay", { stream, version, position, compare, actAs, json }, (given) => {
  if (given.compare) return compareAll(given.json)
  const [kind, ...rest] = Option.getOrElse(given.stream, () => "").split("/")
  const id = rest.join("/")
  if (kind === undefined || id === "") return refused("Name a stream such as circle/lanterns, or use --compare.")
  return withNode(Option.getOrUndefined(given.actAs), () =>
    Effect.gen(function*() {
      const node = yield* VivimClient
      const state = yield* node.ReplayStream({
        kind,
        id,
        ...Option.isSome(given.version) ? { version: given.version.value } : {},
        ...Option.isSome(given.position) ? { position: given.position.value } : {}
      }).pipe(
        Effect.catchTag("NoSuchStream", () => refused(`There is no stream ${kind}/${id}, or it is not this account's.`))
      )
      yield* given.json
        ? printJson(state)
        : print(
          `${state.stream}@${state.version} (position ${state.position})\n${JSON.stringify(state.state, null, 2)}`
        )
    }))
}).pipe(Command.withDescription("Fold a stream to any point, or check all views against a fresh replay"))
