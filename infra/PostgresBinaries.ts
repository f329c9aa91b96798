/**
 * The PostgreSQL server programs the tests start their own servers with: found on this machine, or installed.
 *
 * These are the system's programs, beside the embedded ones a node brings along: the same suite runs on both.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { apt, canInstall, firstExecutable, inPath } from "./Program.ts"

export interface PostgresBinaries {
  readonly folder: string
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

const suffix = process.platform === "win32" ? ".exe" : ""

/** All three in one folder, or nothing: programs of two versions do not work together. */
const inFolder = (folder: string): PostgresBinaries | undefined => {
  const [initdb, postgres, pgCtl] = ["initdb", "postgres", "pg_ctl"].map((name) =>
    firstExecutable([path.join(folder, name + suffix)])
  )
  if (initdb === undefined || postgres === undefined || pgCtl === undefined) return undefined
  return { folder, initdb, postgres, pgCtl }
}

/** `initdb` looks for `postgres` beside itself, so a link in PATH is followed to where it really lies. */
const fromPath = (): ReadonlyArray<string> =>
  inPath("initdb").filter((file) => firstExecutable([file]) !== undefined)
    .map((file) => path.dirname(fs.realpathSync(file)))

/** `<parent>/<version>/bin`, the newest version first. */
const versioned = (parent: string, name: RegExp): ReadonlyArray<string> => {
  if (!fs.existsSync(parent)) return []
  return fs.readdirSync(parent)
    .flatMap((entry) => {
      const found = name.exec(entry)
      return found === null ? [] : [{ entry, version: Number(found[1] ?? 0) }]
    })
    .toSorted((one, other) => other.version - one.version)
    .map(({ entry }) => path.join(parent, entry, "bin"))
}

const wellKnown = (): ReadonlyArray<string> => [
  ...versioned("/usr/lib/postgresql", /^(\d+)$/),
  ...["/opt/homebrew/opt", "/usr/local/opt"].flatMap((parent) => versioned(parent, /^postgresql(?:@(\d+))?$/)),
  ...versioned("/usr", /^pgsql-(\d+)$/),
  ...versioned("C:\\Program Files\\PostgreSQL", /^(\d+)$/)
]

/** The server programs on this machine: PATH first, then the newest in the places packages put them. */
export const findPostgresBinaries = (): PostgresBinaries | undefined => {
  for (const folder of [...fromPath(), ...wellKnown()]) {
    const found = inFolder(folder)
    if (found !== undefined) return found
  }
  return undefined
}

/** The server programs on this machine, or the one sentence that says what to do. */
const postgresBinaries = (): PostgresBinaries => {
  const found = findPostgresBinaries()
  if (found !== undefined) return found
  throw new Error("No PostgreSQL server found: install `postgresql` 15 or newer, so that `initdb` is in PATH.")
}

/**
 * Debian's package makes a database cluster and starts it when installed; the tests want the programs only.
 * Its setting for that comes with `postgresql-common`, so that goes first.
 */
const install = async (): Promise<void> => {
  await apt("update")
  await apt("install", "-y", "--no-install-recommends", "postgresql-common")
  const settings = "/etc/postgresql-common/createcluster.conf"
  const kept = fs.existsSync(settings) ? fs.readFileSync(settings, "utf8") : ""
  fs.mkdirSync(path.dirname(settings), { recursive: true })
  fs.writeFileSync(settings, `${kept.replaceAll(/^\s*create_main_cluster.*\n?/gm, "")}\ncreate_main_cluster = false\n`)
  await apt("install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "postgresql")
}

/** Finds the server programs; on Debian and Ubuntu, as root, installs them first if there are none. */
export const ensurePostgresBinaries = async (): Promise<PostgresBinaries> => {
  if (findPostgresBinaries() === undefined && canInstall()) {
    console.log("PostgreSQL is not here: installing its programs with apt-get.")
    await install()
  }
  return postgresBinaries()
}
