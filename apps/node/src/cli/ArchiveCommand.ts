/** `vivim archive`: moves old ranges of the log into sealed segments; `archive list`, and `archive restore` for one of them. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { ArchivedSegment, ArchiveReport } from "@vivim/contract/Archive"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { couldNot, print, printJson, refused } from "./Ended.ts"
import { finish } from "./Finish.ts"
import { withNode } from "./NodeConnection.ts"
import { size } from "./ProgressLine.ts"
import { json } from "./Switches.ts"

const before = Options.text("before").pipe(
  Options.withDescription(
    "A position, or a time such as 2026-01-31 or 2026-01-31T12:00:00Z: what is older is archived"
  ),
  // Asked for below: a subcommand needs none.
  Options.optional
)
const dryRun = Options.boolean("dry-run").pipe(Options.withDescription("Say what would be archived, and leave it"))
const segment = Args.text({ name: "segment" }).pipe(
  Args.withDescription("The segment: its name, or the position it begins with")
)

/** A position is digits alone; a year by itself is one as well, so a time says more. */
const boundOf = (given: string) => {
  if (/^[1-9]\d{0,14}$/.test(given)) return Effect.succeed({ position: Number(given) })
  const at = /^\d{4}-\d{2}-\d{2}/.test(given) ? Date.parse(given) : Number.NaN
  return Number.isInteger(at) && at >= 0
    ? Effect.succeed({ at })
    : Effect.fail(refused(`"${given}" is neither a position nor a time such as 2026-01-31 or 2026-01-31T12:00:00Z.`))
}

const explained = {
  ArchiveRefused: ({ message }: { readonly message: string }) => couldNot(`Nothing more was archived: ${message}.`)
}

const page = ({ bytes, dryRun, events, head, segments }: ArchiveReport) =>
  events === 0
    ? "Nothing to archive: no whole segment lies before that and is not archived yet."
    : [
      dryRun
        ? `Would archive ${events} events in ${segments.length} segments; they carry ${size(bytes)}.`
        : `Archived ${events} events in ${segments.length} segments of ${
          size(bytes)
        }, as signed head ${head} vouches for.`,
      ...segments.map((one) => `  ${one.first} to ${one.last}: ${size(one.bytes)}`)
    ].join("\n")

const line = ({ archivedAt, bytes, first, last, name, trouble }: ArchivedSegment) =>
  `${name}  ${first} to ${last}  ${size(bytes)}  archived ${DateTime.formatIso(DateTime.unsafeMake(archivedAt))}${
    trouble === null ? "" : `\n  CANNOT BE READ: it ${trouble}`
  }`

const list = Command.make("list", { json }, (given) =>
  withNode(undefined, () =>
    Effect.gen(function*() {
      const node = yield* VivimClient
      const found = yield* node.ListSegments({})
      yield* given.json
        ? printJson(found)
        : print(found.length === 0 ? "Nothing is archived." : found.map(line).join("\n"))
      if (found.some(({ trouble }) => trouble !== null)) return yield* couldNot("Some segments cannot be read.")
    }))).pipe(Command.withDescription("The archived ranges, each looked at"))

const restore = Command.make("restore", { segment, json }, (given) =>
  withNode(undefined, () =>
    Effect.gen(function*() {
      const first = Number(/^(?:events-)?0*(\d{1,15})(?:-\d+\.segment)?$/.exec(given.segment)?.[1] ?? 0)
      if (first === 0) return yield* refused(`"${given.segment}" is no segment: \`vivim archive list\` names them.`)
      const node = yield* VivimClient
      const report = yield* finish(node.RestoreSegment({ first }), "RestoreReport").pipe(
        Effect.catchTag("ArchiveRefused", ({ message }) => couldNot(`Nothing was restored: ${message}.`))
      )
      yield* given.json
        ? printJson(report)
        : print(`Events ${report.first} to ${report.last} are in the table again; their segment is gone.`)
    }))).pipe(Command.withDescription("Put a segment's events back into the table"))

export const archiveCommand = Command.make(
  "archive",
  { before, dryRun, json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        if (Option.isNone(given.before)) return yield* refused("Say what is old: --before <position or time>.")
        const bound = yield* boundOf(given.before.value)
        const node = yield* VivimClient
        const report = yield* finish(node.ArchiveLog({ ...bound, dryRun: given.dryRun }), "ArchiveReport").pipe(
          Effect.catchTags(explained)
        )
        yield* given.json ? printJson(report) : print(page(report))
      }))
).pipe(
  Command.withDescription("Move old ranges of the log into sealed segments; list them, or restore one"),
  Command.withSubcommands([list, restore])
)
