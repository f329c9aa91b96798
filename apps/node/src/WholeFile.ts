/**
 * Writes a file as its bytes come: under its name only when it is whole, sound and on the disk.
 *
 * W1  Whatever cuts it off, no file is left that looks like a whole one, and one that was there is untouched.
 * W3  The file is readable by its owner alone.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"

/** The file cannot be written. */
export class FileNotWritten extends Data.TaggedError("FileNotWritten")<{ readonly message: string }> {}

/** A whole file. `sha256` is of all of it, as `sha256sum` tells it. */
export interface Written {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

const doing = <A>(file: string, work: () => A): Effect.Effect<A, FileNotWritten> =>
  Effect.try({
    try: work,
    catch: (cause) =>
      new FileNotWritten({ message: `${file} cannot be written (${(cause as NodeJS.ErrnoException).code ?? cause})` })
  })

/** What a file is filled with: `take` hands each piece to `keep`, and fails where they turn out to be no sound whole. */
export const write = Effect.fn("WholeFile.write")(function*<A, E, R>(
  file: string,
  take: (keep: (chunk: Uint8Array) => Effect.Effect<void, FileNotWritten>) => Effect.Effect<A, E, R>
): Effect.fn.Return<Written & { readonly answer: A }, E | FileNotWritten, R> {
  const part = `${file}.part`
  const sha256 = createHash("sha256")
  let bytes = 0
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
    const answer = yield* take((chunk) =>
      doing(part, () => {
        for (let at = 0; at < chunk.length;) at += fs.writeSync(handle, chunk, at)
        sha256.update(chunk)
        bytes += chunk.length
      })
    )
    yield* doing(part, () => fs.fsyncSync(handle))
    yield* doing(file, () => {
      fs.renameSync(part, file)
      syncFolder(path.dirname(file))
    })
    return { file, bytes, sha256: sha256.digest("hex"), answer }
  }))
})

/** A rename is on the disk when its folder is. Windows knows no such thing. */
const syncFolder = (folder: string): void => {
  if (process.platform === "win32") return
  const handle = fs.openSync(folder, "r")
  fs.fsyncSync(handle)
  fs.closeSync(handle)
}
