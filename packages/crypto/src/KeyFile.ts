/**
 * A secret in a file that only its owner can read, made once.
 *
 * F1  A file others can read, or that is missing where it must not be made anew, is refused with what to do.
 * F2  Of several that begin at once, one makes the key of all; a crash never leaves half a key.
 */
import * as fs from "node:fs"
import * as path from "node:path"

export interface KeyFile {
  readonly file: string
  /** False: something was done with the key already, and a new one would be another. */
  readonly mayCreate: boolean
  readonly make: () => Uint8Array | string
  /** Why a missing file is not made anew. */
  readonly needed: string
}

const create = ({ file, make }: KeyFile): void => {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const fresh = `${file}.${process.pid}.new`
  fs.rmSync(fresh, { force: true })
  fs.writeFileSync(fresh, make(), { mode: 0o600, flag: "wx", flush: true })
  try {
    // A link is refused where the file is there already.
    fs.linkSync(fresh, file)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
  } finally {
    fs.unlinkSync(fresh)
  }
}

/** What the file holds; made first where that is allowed. Throws a sentence that says what to do. */
export const read = (key: KeyFile): Buffer => {
  const { file, mayCreate, needed } = key
  if (!fs.existsSync(file) && mayCreate) create(key)
  if (!fs.existsSync(file)) throw new Error(`it is missing, and ${needed}; put the file back`)
  if (process.platform !== "win32" && (fs.statSync(file).mode & 0o077) !== 0) {
    throw new Error(`others can read it; run: chmod 600 ${file}`)
  }
  return fs.readFileSync(file)
}
