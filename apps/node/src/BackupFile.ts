/**
 * Takes a backup into a file: checked while it comes, under its name only when it is whole and on the disk.
 *
 * W1  Whatever cuts it off, no file is left that looks like a backup, and one that was there is untouched.
 * W2  What is not a whole, sound backup is never given the file's name.
 * W3  The file is readable by its owner alone.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { BackupCheck, type BackupSummary, checked } from "./BackupCheck.ts"
import type { BackupRefused } from "./BackupFormat.ts"
import { BackupReader } from "./BackupReader.ts"

/** A backup that lies in a file. */
export interface BackupReceipt extends BackupSummary {
  readonly file: string
  readonly bytes: number
  /** Of the whole file, as `sha256sum` tells it. */
  readonly sha256: string
}

/** The file cannot be written. */
export class BackupFileError extends Data.TaggedError("BackupFileError")<{ readonly message: string }> {}

/** How far it is: what was looked at so far. */
export type Watch = (check: BackupCheck, bytes: number) => Effect.Effect<void>

const doing = <A>(file: string, work: () => A): Effect.Effect<A, BackupFileError> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new BackupFileError({ message: `${file} cannot be written (${(cause as NodeJS.ErrnoException).code ?? cause})` })
  })

/** Writes the bytes to `file`, which is there when they turned out to be a sound backup. */
export const write = Effect.fn("BackupFile.write")(function*<E>(
  file: string,
  bytes: Stream.Stream<Uint8Array, E>,
  watch: Watch
): Effect.fn.Return<BackupReceipt, E | BackupRefused | BackupFileError> {
  const part = `${file}.part`
  const check = new BackupCheck()
  const reader = new BackupReader()
  const sha256 = createHash("sha256")
  let size = 0
  return yield* Effect.scoped(Effect.gen(function*() {
    const handle = yield* Effect.acquireRelease(
      doing(part, () => {
        fs.rmSync(part, { force: true })
        return fs.openSync(part, "wx", 0o600)
      }),
      (opened) =>
        Effect.sync(() => {
          fs.closeSync(opened)
          // Gone already when it was renamed.
          fs.rmSync(part, { force: true })
        })
    )
    const kept = Stream.tap(bytes, (chunk) =>
      doing(part, () => {
        for (let at = 0; at < chunk.length;) at += fs.writeSync(handle, chunk, at)
        sha256.update(chunk)
        size += chunk.length
      }))
    yield* checked(kept, check, reader).pipe(
      Stream.chunks,
      Stream.runForEach(() => watch(check, size))
    )
    yield* doing(part, () => fs.fsyncSync(handle))
    yield* doing(file, () => {
      fs.renameSync(part, file)
      syncFolder(path.dirname(file))
    })
    return { file, ...check.summary, bytes: size, sha256: sha256.digest("hex") }
  }))
})

/** A rename is on the disk when its folder is. Windows knows no such thing. */
const syncFolder = (folder: string): void => {
  if (process.platform === "win32") return
  const handle = fs.openSync(folder, "r")
  fs.fsyncSync(handle)
  fs.closeSync(handle)
}
