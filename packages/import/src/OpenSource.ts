/** From a path to a source: a file, a zip (told by its bytes) or a directory; anything else is refused with a reason. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import { fileEntry, openDirectory } from "./DirectorySource.ts"
import { FileBytes } from "./FileBytes.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import { ImportRefused, type SourceFailed } from "./ImportRefused.ts"
import { sniffMime } from "./Mime.ts"
import type { Source } from "./Source.ts"
import { openZip } from "./ZipSource.ts"

const HEAD_BYTES = 8

/** Opens what lies at a path. Nothing is held open between reads. */
export const openSource = Effect.fn("OpenSource.openSource")(function*(
  path: string,
  limits: ImportLimits
): Effect.fn.Return<Source, ImportRefused | SourceFailed> {
  const stats = yield* Effect.tryPromise({ try: () => Fs.stat(path), catch: (cause) => noAccess(path, cause) })
  const budget = { left: limits.totalBytesMax }
  if (stats.isDirectory()) return yield* openDirectory(path, budget, limits)
  if (!stats.isFile()) {
    return yield* new ImportRefused({
      reason: `${path} is neither a file nor a directory.`,
      hint: "Give the export's file or folder."
    })
  }
  const name = Path.basename(path)
  if (stats.size === 0) {
    return yield* new ImportRefused({ reason: `${name} is empty.`, hint: "Download the export again." })
  }
  const head = yield* FileBytes.at(path, 0, HEAD_BYTES).pipe(Effect.mapError(({ cause }) => noAccess(path, cause)))
  if (sniffMime(head) === "application/zip") {
    return yield* openZip(path, { name, size: stats.size, prefix: "" }, budget, limits)
  }
  return { kind: "file", name, entries: [fileEntry(path, name, stats.size)], leftOut: [] }
})

const noAccess = (path: string, cause: unknown): ImportRefused => {
  const code = cause instanceof Error && "code" in cause ? cause.code : null
  return code === "ENOENT" || code === "ENOTDIR"
    ? new ImportRefused({
      reason: `There is nothing at ${path}.`,
      hint: "Give the path of an export's file or folder."
    })
    : new ImportRefused({
      reason: `${path} cannot be read (${String(code ?? cause)}).`,
      hint: "See to its access rights."
    })
}
