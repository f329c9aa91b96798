/** `vivim restore <file>`: makes a node again from a backup. The one command that wants no node to run. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as fs from "node:fs"
import * as path from "node:path"
import type { BackupSummary } from "../BackupCheck.ts"
import * as Deletions from "../Deletions.ts"
import { folders } from "../Folders.ts"
import * as NodeDatabase from "../NodeDatabase.ts"
import * as Restore from "../Restore.ts"
import * as RestoreKey from "../RestoreKey.ts"
import { backupFigures } from "./BackupFigures.ts"
import { couldNot, Ended, print, printJson, refused } from "./Ended.ts"
import { alive, originOf, settings } from "./NodeConnection.ts"
import * as ProgressLine from "./ProgressLine.ts"
import { json } from "./Switches.ts"

const file = Args.text({ name: "file" }).pipe(Args.withDescription("The backup"))
const key = Options.file("key", { exists: "either" }).pipe(
  Options.withDescription("The node.key the backup was made under, where the data folder has none"),
  Options.optional
)
const deletions = Options.file("deletions", { exists: "yes" }).pipe(
  Options.withDescription(
    "The deletions.log of the node: what was deleted since the backup is deleted again. Beside --key it is found by itself"
  ),
  Options.optional
)
const check = Options.boolean("check").pipe(
  Options.withDescription(
    "Only find out whether the backup is whole and sound; nothing is restored, and a node may run"
  )
)

/** What went wrong, as an exit code: 2 when the backup or the place is to blame, 1 when something was in the way. */
const explain = (error: { readonly _tag: string; readonly message: string } & Partial<{ readonly events: number }>) => {
  switch (error._tag) {
    case "Ended":
      return error as Ended
    case "BackupRefused":
    case "KeyUnusable":
    case "TargetNotEmpty":
      return refused(error.message)
    case "LogNotEmpty":
      return refused(
        "The database is not empty: its log has events. Give VIVIM_DATA_DIR a new folder, or VIVIM_DATABASE_URL a new database."
      )
    default:
      return couldNot(error.message || error._tag)
  }
}

/** One pass over the file, with a word now and then about how far it is. */
const shown = <A, E, R>(doing: string, work: (watch: Restore.Watch) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(ProgressLine.make, (progress) =>
    Effect.ensuring(
      work((read, size) =>
        progress.show(
          `${doing}: ${ProgressLine.of(read, size)} (${ProgressLine.size(read)} of ${ProgressLine.size(size)})`
        )
      ),
      progress.end
    ))

const checkedPage = (summary: BackupSummary, key: RestoreKey.RestoreKey | null) =>
  [
    `Whole and sound: ${backupFigures(summary)}.`,
    `Digest of the log: ${summary.logDigest}`,
    key === null
      ? "Whose it is could not be told: there is no node key here. Say --key to find out."
      : `It was made under the key ${key.file}, and nobody changed it since.`
  ].join("\n")

const restoredPage = (restored: Restore.Restored, handle: string) =>
  [
    `Restored ${backupFigures(restored)}.`,
    `Digest of the log: ${restored.logDigest}`,
    `Accounts: ${restored.handles.join(", ")}`,
    restored.handles.includes(handle)
      ? "Start the node: it builds its views then, and makes a token of its own."
      : `Start the node with VIVIM_HANDLE set to one of them (it is "${handle}" now, and that would open another account).`
  ].join("\n")

/** Where lists of deletions lie that this node is to heed. */
const listsOf = (given: { readonly key: Option.Option<string>; readonly deletions: Option.Option<string> }) => [
  ...Option.toArray(given.deletions),
  ...Option.toArray(Option.map(given.key, (key) => Deletions.fileIn(path.dirname(path.resolve(key)))))
]

export const restoreCommand = Command.make(
  "restore",
  { file, key, deletions, check, json },
  (given) =>
    Effect.gen(function*() {
      const { node } = yield* settings
      const at = folders(node.dataDir, node.keysDir)
      const from = path.resolve(given.file)
      if (fs.statSync(from, { throwIfNoEntry: false })?.isFile() !== true) {
        return yield* refused(`There is no file ${from}.`)
      }
      if (!given.check && (yield* alive(originOf(node)))) {
        return yield* couldNot(`A node answers at ${originOf(node)}: stop it first.`)
      }
      const key = yield* RestoreKey.find(at, Option.getOrNull(given.key))
      if (key === null && !given.check) {
        return yield* refused(
          `There is no node key in ${at.root}: say --key <file> with the node.key that was kept beside the backup.`
        )
      }
      const summary = yield* shown("verifying", (watch) => Restore.verify(from, key, watch))
      if (given.check || key === null) {
        return yield* given.json
          ? printJson({ file: from, ...summary })
          : print(checkedPage(summary, key))
      }

      const database = yield* Layer.build(NodeDatabase.layer({ url: node.databaseUrl, dataDir: node.dataDir }))
      // Before there is anything that could be started without it.
      yield* Deletions.add(Deletions.fileIn(at.keys), listsOf(given).flatMap(Deletions.read))
      const restored = yield* shown("restoring", (watch) => Effect.provide(Restore.run(from, key, at, watch), database))
      yield* given.json ? printJson({ file: from, ...restored }) : print(restoredPage(restored, node.handle))
    }).pipe(Effect.scoped, Effect.mapError(explain))
).pipe(
  Command.withDescription("Make a node again from a backup, into an empty database; the node must not run")
)
