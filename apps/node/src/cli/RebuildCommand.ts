/** `vivim rebuild <view>`: builds a view anew beside the serving one, and swaps it in. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { VivimClient } from "@vivim/client/VivimClient"
import * as Effect from "effect/Effect"
import { print, printJson, refused } from "./Ended.ts"
import { finish } from "./Finish.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const view = Args.text({ name: "view" }).pipe(Args.withDescription("The view, such as library or circles"))

export const rebuildCommand = Command.make(
  "rebuild",
  { view, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const report = yield* finish(node.RebuildView({ view: given.view }), "RebuildReport").pipe(
          Effect.catchTag(
            "NoSuchView",
            ({ known, view }) => refused(`There is no view "${view}"; there are: ${known.join(", ")}.`)
          )
        )
        yield* given.json
          ? printJson(report)
          : print(`${report.view} was built anew up to position ${report.position}.`)
      }))
).pipe(Command.withDescription("Build a view anew without stopping its readers"))
