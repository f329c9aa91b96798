/** Where things lie in the node's data folder. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"

export interface Folders {
  readonly root: string
  /** What all processes of a node have in common: keys, accounts, the token. */
  readonly keys: string
  /** Users' SQLite files. */
  readonly users: string
  /** Scratch files of a comparison. */
  readonly scratch: string
  /** Files handed over for import, until their receipt is written. */
  readonly spool: string
  /** Keys of local accounts. */
  readonly accounts: string
  /** Old ranges of the log, unless VIVIM_ARCHIVE_DIR names another place. */
  readonly archive: string
  readonly nodeKey: string
  /** What tree heads are signed with, and the newest one of them. */
  readonly auditKey: string
  readonly auditHead: string
  /** What the node signs with as itself. */
  readonly instanceKey: string
  readonly token: string
  /** What sessions are signed with. */
  readonly sessionKey: string
  /** Which process of the node this is. */
  readonly processId: string
}

export const folders = (dataDir: string, keysDir = ""): Folders => {
  const root = path.resolve(dataDir)
  const keys = keysDir === "" ? root : path.resolve(keysDir)
  return {
    root,
    keys,
    users: path.join(root, "users"),
    scratch: path.join(root, "scratch"),
    spool: path.join(root, "spool"),
    accounts: path.join(keys, "accounts"),
    archive: path.join(root, "archive"),
    nodeKey: path.join(keys, "node.key"),
    auditKey: path.join(keys, "audit.key"),
    // Each process remembers what it has signed: what was taken back meanwhile shows to any of them.
    auditHead: path.join(root, "audit.head"),
    instanceKey: path.join(keys, "instance.key"),
    token: path.join(keys, "session.token"),
    sessionKey: path.join(keys, "session.key"),
    processId: path.join(root, "process.id")
  }
}

/** The data folder cannot be used; `message` is one sentence. */
export class UnusableFolder extends Data.TaggedError("UnusableFolder")<{ readonly message: string }> {}

/** Makes the data folder, and finds out early whether it can be written to. */
export const prepare = (at: Folders): Effect.Effect<void, UnusableFolder> =>
  Effect.try({
    try: () => {
      for (const folder of [at.root, at.keys]) fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
      const probe = path.join(at.root, `.write-${process.pid}`)
      fs.writeFileSync(probe, "")
      fs.unlinkSync(probe)
      for (const folder of [at.users, at.spool, at.accounts]) fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
      fs.rmSync(at.scratch, { recursive: true, force: true })
    },
    catch: (cause) =>
      new UnusableFolder({
        message:
          `The data folder ${at.root} cannot be written to (${(cause as NodeJS.ErrnoException).code ?? cause}): ` +
          "give VIVIM_DATA_DIR a folder this user may write to."
      })
  })
