/** Secrets of a device in files that only their owner can read: for programs on Node. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { KeyStore, KeyStoreError } from "./KeyStore.ts"

const codeOf = (cause: unknown) => (cause as NodeJS.ErrnoException).code

/** What can go wrong is the folder's, and whoever owns it can help. */
const trying = <A>(folder: string, work: () => A) =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new KeyStoreError({
        message: cause instanceof KeyStoreError
          ? cause.message
          : `The keys in ${folder} cannot be used (${codeOf(cause) ?? "unknown"}): see that the folder is yours.`
      })
  })

const read = (file: string): Uint8Array | null => {
  try {
    if (process.platform !== "win32" && (fs.statSync(file).mode & 0o077) !== 0) {
      throw new KeyStoreError({ message: `Others can read ${file}; run: chmod 600 ${file}` })
    }
    return new Uint8Array(fs.readFileSync(file))
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null
    throw cause
  }
}

/** Into a new file that takes the old one's place: a crash leaves one or the other. */
const write = (folder: string, file: string, secret: Uint8Array) => {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fresh = `${file}.${randomBytes(8).toString("hex")}.new`
  fs.writeFileSync(fresh, secret, { mode: 0o600, flag: "wx", flush: true })
  fs.renameSync(fresh, file)
}

export const layer = (folder: string): Layer.Layer<KeyStore> => {
  const fileOf = (name: string) => path.join(folder, `${encodeURIComponent(name)}.key`)
  return Layer.succeed(KeyStore, {
    read: (name) =>
      Effect.map(
        trying(folder, () => read(fileOf(name))),
        (secret) => secret === null ? null : { secret: Redacted.make(secret), held: null }
      ),
    write: (name, secret) => trying(folder, () => write(folder, fileOf(name), Redacted.value(secret))),
    remove: (name) => trying(folder, () => fs.rmSync(fileOf(name), { force: true })),
    newHeld: Effect.succeed(null)
  })
}
