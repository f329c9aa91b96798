/**
 * The data folder a node is restored into: what may lie in it already, and what a restore puts there.
 *
 * G1  A folder with another node's views, uploads or accounts is refused, untouched.
 * G2  The key and the accounts come in whole, readable by their owner alone, or not at all.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import type { Account } from "./BackupKey.ts"
import type { Folders } from "./Folders.ts"

/** Something lies where the restore is to go. */
export class TargetNotEmpty extends Data.TaggedError("TargetNotEmpty")<{ readonly message: string }> {}

/** The folder cannot be read or written. */
export class FolderUnusable extends Data.TaggedError("FolderUnusable")<{ readonly message: string }> {}

export interface Belongings {
  readonly accounts: ReadonlyArray<Account>
  /** The node key, where the folder has none yet. */
  readonly key: Uint8Array | null
}

const filesBelow = (folder: string): number =>
  fs.existsSync(folder)
    ? fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => !one.isDirectory()).length
    : 0

const failing = (folder: string) => (cause: unknown) =>
  cause instanceof TargetNotEmpty
    ? cause
    : new FolderUnusable({
      message: `The data folder ${folder} cannot be used (${(cause as NodeJS.ErrnoException).code ?? cause}).`
    })

/** Refused before anything is touched. */
export const mustBeEmpty = (at: Folders): Effect.Effect<void, TargetNotEmpty | FolderUnusable> =>
  Effect.try({
    try: () => {
      for (
        const [folder, what] of [[at.users, "views of another log"], [
          at.spool,
          "uploads that wait for their import"
        ], [at.archive, "an archive of another log"]] as const
      ) {
        if (filesBelow(folder) > 0) {
          throw new TargetNotEmpty({
            message: `${folder} holds ${what}: give VIVIM_DATA_DIR a new folder${keyHint(at)}.`
          })
        }
      }
    },
    catch: failing(at.root)
  })

const keyHint = ({ nodeKey }: Folders) => fs.existsSync(nodeKey) ? `, and say --key ${nodeKey}` : ""

const fileOf = (at: Folders, { handle }: Account) => path.join(at.accounts, `${handle}.key`)

/** Puts the key and the accounts in place; what is there already must be the same. */
export const furnish = (
  at: Folders,
  { accounts, key }: Belongings
): Effect.Effect<void, TargetNotEmpty | FolderUnusable> =>
  Effect.try({
    try: () => {
      const files = [
        ...accounts.map((account) => ({ file: fileOf(at, account), bytes: account.key })),
        ...key === null ? [] : [{ file: at.nodeKey, bytes: key }]
      ]
      const other = files.find(({ bytes, file }) => fs.existsSync(file) && !fs.readFileSync(file).equals(bytes))
      if (other !== undefined) {
        throw new TargetNotEmpty({
          message: `${other.file} is there already, and another one: give VIVIM_DATA_DIR a new folder.`
        })
      }
      const placed: Array<string> = []
      try {
        for (const { bytes, file } of files.filter(({ file }) => !fs.existsSync(file))) {
          place(file, bytes)
          placed.push(file)
        }
      } catch (cause) {
        for (const file of placed) fs.rmSync(file, { force: true })
        throw cause
      }
    },
    catch: failing(at.root)
  })

/** Whole and on the disk before it has its name. */
const place = (file: string, bytes: Uint8Array): void => {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const fresh = `${file}.${process.pid}.new`
  fs.writeFileSync(fresh, bytes, { mode: 0o600, flag: "wx", flush: true })
  fs.renameSync(fresh, file)
}
