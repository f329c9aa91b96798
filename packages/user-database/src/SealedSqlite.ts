/**
 * Opens a SQLite file that is sealed page by page, full-text index, journal and all: the only place that knows the driver.
 *
 * E1  A file opens with its key alone; without one, or with another, it is no database.
 * E2  A file that lies open, as older builds left it, or is sealed with a key it had before, is sealed with today's before it is used.
 *
 * The pages are sealed with AEGIS-256, each with a tag of its own. The key goes in before the first page is read, while the journal is
 * not in WAL mode. Source: SQLite3 Multiple Ciphers, "Supported Ciphers", AEGIS; draft-irtf-cfrg-aegis-aead.
 */
import Sqlite from "better-sqlite3-multiple-ciphers"
import * as fs from "node:fs"

/** How long a file that somebody else holds is waited for, in milliseconds. */
const patience = 2_000

/** The first bytes of a file that lies open. */
const openMagic = Buffer.from("SQLite format 3\0")

/** Whether a file lies there that anybody can read. */
export const liesOpen = (path: string): boolean => {
  if (!fs.existsSync(path)) return false
  const descriptor = fs.openSync(path, "r")
  try {
    const head = Buffer.alloc(openMagic.length)
    return fs.readSync(descriptor, head, 0, head.length, 0) === head.length && head.equals(openMagic)
  } finally {
    fs.closeSync(descriptor)
  }
}

const literal = (key: Uint8Array) => `'raw:${Buffer.from(key).toString("hex")}'`

const connect = (path: string, key: Uint8Array | null): Sqlite.Database => {
  const connection = new Sqlite(path, { timeout: patience })
  try {
    if (key !== null) {
      connection.pragma("cipher = 'aegis'")
      connection.pragma(`key = ${literal(key)}`)
    }
    // The first page is read: with the wrong key there is none.
    connection.prepare("SELECT count(*) FROM sqlite_schema").get()
    return connection
  } catch (cause) {
    connection.close()
    throw cause
  }
}

/** Seals a file anew, in place. What it was like before is in no journal; a crash in between leaves a damaged file. */
const reseal = (path: string, from: Uint8Array | null, to: Uint8Array): void => {
  const connection = connect(path, from)
  try {
    connection.pragma("journal_mode = DELETE")
    connection.pragma("journal_mode = MEMORY")
    if (from === null) connection.pragma("cipher = 'aegis'")
    connection.pragma(`rekey = ${literal(to)}`)
  } finally {
    connection.close()
  }
}

/** Seals a file that lies open. */
export const seal = (path: string, key: Uint8Array): void => reseal(path, null, key)

const isNoDatabase = (cause: unknown) => (cause as { readonly code?: unknown } | null)?.code === "SQLITE_NOTADB"

/** Finds the key a file still has, and gives it today's; whatever was set aside under the old one goes. */
const renew = (path: string, [today, ...before]: ReadonlyArray<Uint8Array>): boolean =>
  before.some((key) => {
    try {
      reseal(path, key, today!)
    } catch (cause) {
      if (isNoDatabase(cause)) return false
      throw cause
    }
    for (const end of ["", "-wal", "-shm"]) fs.rmSync(`${path}.aside${end}`, { force: true })
    return true
  })

export const open = (path: string, keys: ReadonlyArray<Uint8Array>): Sqlite.Database => {
  const [today] = keys
  if (today === undefined || path === ":memory:") return connect(path, null)
  if (liesOpen(path)) seal(path, today)
  try {
    return connect(path, today)
  } catch (cause) {
    if (isNoDatabase(cause) && renew(path, keys)) return connect(path, today)
    throw cause
  }
}
