/**
 * Takes a backup into a file, checked while it comes.
 *
 * W2  What is not a whole, sound backup is never given the file's name.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { BackupCheck, type BackupSummary, checked } from "./BackupCheck.ts"
import type { BackupRefused } from "./BackupFormat.ts"
import { BackupReader } from "./BackupReader.ts"
import * as WholeFile from "./WholeFile.ts"

/** A backup that lies in a file. */
export interface BackupReceipt extends BackupSummary, WholeFile.Written {}

/** How far it is: what was looked at so far. */
export type Watch = (check: BackupCheck, bytes: number) => Effect.Effect<void>

/** Writes the bytes to `file`, which is there when they turned out to be a sound backup. */
export const write = Effect.fn("BackupFile.write")(function*<E>(
  file: string,
  bytes: Stream.Stream<Uint8Array, E>,
  watch: Watch
): Effect.fn.Return<BackupReceipt, E | BackupRefused | WholeFile.FileNotWritten> {
  const check = new BackupCheck()
  const reader = new BackupReader()
  let size = 0
  const { answer: _, ...written } = yield* WholeFile.write(file, (keep) => {
    const kept = Stream.tap(bytes, (chunk) => {
      size += chunk.length
      return keep(chunk)
    })
    return checked(kept, check, reader).pipe(
      Stream.chunks,
      Stream.runForEach(() => watch(check, size))
    )
  })
  return { ...written, ...check.summary }
})
