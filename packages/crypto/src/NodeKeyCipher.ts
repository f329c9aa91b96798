/** The payload cipher of a node that keeps its own key: 32 random bytes in a file that only its owner can read. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { fromMasterKey } from "./MasterKeyCipher.ts"
import { PayloadCipher } from "./PayloadCipher.ts"

/** The key file is not usable; `message` says what to do. */
export class NodeKeyError extends Schema.TaggedError<NodeKeyError>()("NodeKeyError", { message: Schema.String }) {}

const create = (file: string) => {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  // Written whole and synced under another name first: a crash never leaves half a key.
  const fresh = `${file}.${process.pid}.new`
  const handle = fs.openSync(fresh, "wx", 0o600)
  fs.writeSync(handle, randomBytes(32))
  fs.fsyncSync(handle)
  fs.closeSync(handle)
  try {
    fs.linkSync(fresh, file)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
  } finally {
    fs.unlinkSync(fresh)
  }
}

/** Reads the key, and makes it at the very first start. */
const load = (file: string, mayCreate: boolean): Uint8Array => {
  if (!fs.existsSync(file) && mayCreate) create(file)
  if (!fs.existsSync(file)) throw new Error("it is missing, and the database holds what it sealed; put the file back")
  const stat = fs.statSync(file)
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
    throw new Error(`others can read it; run: chmod 600 ${file}`)
  }
  const key = fs.readFileSync(file)
  if (key.length !== 32) throw new Error(`it holds ${key.length} bytes instead of 32; put the right key file back`)
  return key
}

/** `mayCreate` false: a log exists already, and a new key could not read it. */
export const layer = (options: {
  readonly file: string
  readonly mayCreate: boolean
}): Layer.Layer<PayloadCipher, NodeKeyError> =>
  Layer.effect(
    PayloadCipher,
    Effect.try({
      try: () => fromMasterKey(load(options.file, options.mayCreate)),
      catch: (cause) =>
        new NodeKeyError({
          message: `The node's key ${options.file} cannot be used: ${cause instanceof Error ? cause.message : cause}`
        })
    })
  )
