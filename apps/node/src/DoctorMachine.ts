/**
 * Looks at the machine: Node, the native module, the data folder and who may read it, the room on its disk.
 *
 * X1  Each thing that would keep a node from starting is found without starting one, and nothing is changed by looking.
 * X2  Keys and tokens that others can read are found, and a log whose key is missing.
 */
import type * as SqliteFile from "@vivim/user-database/SqliteFile"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { fail, type Finding, look, LookFailed, ok, warn } from "./DoctorFinding.ts"
import type { Folders } from "./Folders.ts"

/** Of package.json's `engines`. */
const oldestNode = [20, 19] as const

export const nodeVersion = (version: string): Finding => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
  return isNew
    ? ok("node.js", `Node ${version}.`)
    : fail("node.js", `Node ${version} is too old.`, `Install Node ${oldestNode.join(".")} or newer.`)
}

/** Opens a database in memory the way a user's file is opened, full text included. Loaded only now: it may not. */
export const sqlite = (load: () => Promise<Pick<typeof SqliteFile, "open">>): Effect.Effect<Finding> =>
  Effect.tryPromise({
    try: () =>
      load().then(({ open }) => {
        const view = {
          name: "doctor",
          version: 1,
          tables: ["CREATE VIRTUAL TABLE t USING fts5(x)"],
          apply: () => {},
          touches: () => []
        }
        open(":memory:", { did: "did:vivim:doctor", view, version: 1 }).close()
      }),
    catch: LookFailed.of
  }).pipe(Effect.match({
    onSuccess: () => ok("sqlite", "The native module better-sqlite3-multiple-ciphers loads, with full-text search."),
    onFailure: ({ message }) =>
      fail(
        "sqlite",
        `The native module better-sqlite3-multiple-ciphers does not load (${message.split("\n")[0]}).`,
        "Run `npm ci` again with this Node, or `npm rebuild better-sqlite3-multiple-ciphers`."
      )
  }))

/** The folder itself, or the nearest one above that is there. */
const standing = (folder: string): string => fs.existsSync(folder) ? folder : standing(path.dirname(folder))

const mayWrite = (folder: string): boolean => {
  try {
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK)
    return true
  } catch {
    return false
  }
}

const dataFolder = (at: Folders): Finding => {
  const there = standing(at.root)
  const otherwise = "Give VIVIM_DATA_DIR a folder this user may write to."
  if (!fs.statSync(there).isDirectory()) return fail("data folder", `${there} is a file, not a folder.`, otherwise)
  if (!mayWrite(there)) return fail("data folder", `${there} cannot be written to.`, otherwise)
  if (there !== at.root) return ok("data folder", `${at.root} is not there yet: the first start makes it.`)
  return isOpen(at.root)
    ? warn("data folder", `Others can look into ${at.root}.`, `Run: chmod 700 ${at.root}`)
    : ok("data folder", `${at.root} can be written to, and only by its owner.`)
}

/** Whether others may read it. Windows has no such bits. */
const isOpen = (file: string): boolean => process.platform !== "win32" && (fs.statSync(file).mode & 0o077) !== 0

const secret = (check: string, file: string): ReadonlyArray<Finding> => {
  if (!fs.existsSync(file)) return []
  return isOpen(file)
    ? [fail(check, `Others can read ${file}.`, `Run: chmod 600 ${file}`)]
    : [ok(check, `Only its owner can read ${file}.`)]
}

const nodeKeyBytes = 32

const nodeKey = (at: Folders): ReadonlyArray<Finding> => {
  if (fs.existsSync(at.nodeKey)) {
    const { size } = fs.statSync(at.nodeKey)
    return size === nodeKeyBytes ? secret("node key", at.nodeKey) : [
      fail(
        "node key",
        `${at.nodeKey} holds ${size} bytes instead of ${nodeKeyBytes}.`,
        "Put the right key file back from where its copy is kept."
      )
    ]
  }
  // A token comes with the first start, after the key: here was a node, and what it wrote needs its key.
  if (fs.existsSync(at.token)) {
    return [fail(
      "node key",
      `${at.nodeKey} is missing, and nothing this node wrote can be read without it.`,
      "Put it back from where its copy is kept, before the node is started: a start would make another one."
    )]
  }
  return [ok("node key", "There is none yet: the first start makes it.")]
}

const accounts = (at: Folders): ReadonlyArray<Finding> => {
  if (!fs.existsSync(at.accounts)) return []
  const open = fs.readdirSync(at.accounts).map((name) => path.join(at.accounts, name)).filter((file) => isOpen(file))
  return open.length === 0
    ? [ok("accounts", "Only their owner can read the accounts' keys.")]
    : [fail("accounts", `Others can read ${open.join(", ")}.`, `Run: chmod 600 ${open.join(" ")}`)]
}

/** Bytes free on the disk below which it is told, and below which a node should not be started. */
const roomy = 2 * 1024 ** 3
const tight = 256 * 1024 ** 2

export const disk = (folder: string, free: number): Finding => {
  const says = `${(free / 1024 ** 3).toFixed(1)} GiB are free where ${folder} lies.`
  const todo = "Free some room, or move the data folder to a larger disk (VIVIM_DATA_DIR)."
  return free < tight ? fail("disk", says, todo) : free < roomy ? warn("disk", says, todo) : ok("disk", says)
}

const room = (at: Folders): Finding => {
  const { bavail, bsize } = fs.statfsSync(standing(at.root))
  return disk(at.root, bavail * bsize)
}

const webClient = (folder: string): Finding =>
  fs.existsSync(path.join(folder, "index.html"))
    ? ok("web client", "The web client is built.")
    : warn("web client", "The web client is not built.", "Run `npm start` once: it builds what is missing.")

/** Everything that lies in the data folder, as far as it is there. */
export const folder = (at: Folders): Effect.Effect<ReadonlyArray<Finding>> =>
  look(
    "data folder",
    Effect.try({
      try: () => [
        dataFolder(at),
        ...nodeKey(at),
        ...secret("token", at.token),
        ...accounts(at),
        room(at)
      ],
      catch: LookFailed.of
    })
  )

/** What does not depend on how the node is set; `web` is the client's `dist`. */
export const machine = (web: string): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.map(
    sqlite(() => import("@vivim/user-database/SqliteFile")),
    (native) => [nodeVersion(process.versions.node), native, webClient(web)]
  )
