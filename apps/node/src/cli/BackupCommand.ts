/** `vivim backup <file>`: takes a backup of the running node, checks it while it comes, and says what must be kept beside it. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import type { BackupCheck } from "../BackupCheck.ts"
import * as BackupFile from "../BackupFile.ts"
import { folders } from "../Folders.ts"
import { backupFigures } from "./BackupFigures.ts"
import * as Download from "./Download.ts"
import { couldNot, print, printJson, say } from "./Ended.ts"
import { placeFor } from "./FilePlace.ts"
import { reach, settings } from "./NodeConnection.ts"
import * as ProgressLine from "./ProgressLine.ts"
import { json } from "./Switches.ts"

const file = Args.text({ name: "file" }).pipe(Args.withDescription("Where the backup goes"))
const force = Options.boolean("force").pipe(Options.withDescription("Take the place of a file that is there already"))

const backup = { path: "backup", doing: "make a backup", what: "the backup" }

const line = ({ header, summary }: BackupCheck, bytes: number) => {
  const { contents, events } = summary
  const [doing, done, total] = contents === 0
    ? ["events", events, header?.upTo ?? 0] as const
    : ["contents", contents, Math.max(contents, header?.contents ?? 0)] as const
  return `${doing}: ${ProgressLine.of(done, total)} (${done} of ${total}), ${ProgressLine.size(bytes)}`
}

const page = (receipt: BackupFile.BackupReceipt) =>
  [
    `Backup of ${backupFigures(receipt)}.`,
    `${receipt.file}  ${ProgressLine.size(receipt.bytes)}`,
    `SHA-256 of the file:   ${receipt.sha256}`,
    `Digest of the log:     ${receipt.logDigest}`
  ].join("\n")

const keyReminder = (nodeKey: string) =>
  `The node key is NOT in it. Keep a copy of ${nodeKey} in another safe place: without it nobody can read this backup, nor restore it.`

export const backupCommand = Command.make("backup", { file, force, json }, (given) =>
  Effect.gen(function*() {
    const at = yield* placeFor(given.file, given.force)
    const reached = yield* reach(undefined)
    const progress = yield* ProgressLine.make
    const receipt = yield* BackupFile.write(at, Download.bytesOf(reached, backup), (check, bytes) =>
      progress.show(line(check, bytes)))
      .pipe(
        Effect.ensuring(progress.end),
        Effect.catchTags({
          FileNotWritten: ({ message }) =>
            couldNot(`${message}. No backup was made.`),
          BackupRefused: ({ message }) =>
            couldNot(`What came from the node is no sound backup, and was thrown away: ${message}`)
        })
      )
    yield* given.json ? printJson(receipt) : print(page(receipt))
    const { node } = yield* settings
    yield* say(keyReminder(folders(node.dataDir, node.keysDir).nodeKey))
  })).pipe(Command.withDescription("Take a backup of the running node, sealed as it lies"))
