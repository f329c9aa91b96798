/** `vivim search <words>`: finds messages, as the web client does. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { SearchHit, SearchResults } from "@vivim/contract/Search"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { print, printJson } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { actAs, json } from "./Switches.ts"

const words = Args.text({ name: "words" }).pipe(
  Args.withDescription("What to find: words, \"a phrase\", -not"),
  Args.atLeast(1)
)
const limit = Options.integer("limit").pipe(Options.withDescription("Hits at most, up to 100"), Options.withDefault(20))

const bold = (text: string) => process.stdout.isTTY === true ? `\u001b[1m${text}\u001b[22m` : `[${text}]`
const marked = (segments: ReadonlyArray<{ readonly text: string; readonly hit: boolean }>) =>
  segments.map(({ hit, text }) => hit ? bold(text) : text).join("").replaceAll(/\s+/g, " ")

const line = (hit: SearchHit) =>
  [
    `${marked(hit.title)}  ·  ${hit.provider}${
      hit.at === null ? "" : `  ·  ${DateTime.formatIsoDateUtc(DateTime.unsafeMake(hit.at))}`
    }`,
    `  ${hit.role === null ? "" : `${hit.role}: `}${marked(hit.snippet)}`,
    `  ${hit.documentId}${hit.messageId === null ? "" : ` ${hit.messageId}`}`
  ].join("\n")

const page = ({ hits, matched }: SearchResults) =>
  hits.length === 0
    ? "Nothing found."
    : [...matched === "some" ? ["No message holds all the words; these hold some."] : [], ...hits.map(line)].join("\n")

export const searchCommand = Command.make(
  "search",
  { words, limit, actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const results = yield* node.Search({
          query: given.words.join(" "),
          limit: Math.max(1, Math.min(100, given.limit))
        })
        yield* given.json ? printJson(results) : print(page(results))
      }))
).pipe(Command.withDescription("Find messages"))
