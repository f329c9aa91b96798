/**
 * A directory as a source: the union of its files, and of the files in the zips that lie in it.
 *
 * O1  Every file is an entry or left out with a reason; links are not followed, hidden files and further folders not entered
 *     beyond the bound.
 * O2  The order is that of the names, whatever the file system answers.
 */
import * as Effect from "effect/Effect"
import type { Dirent } from "node:fs"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import { shownName } from "./EntryName.ts"
import { FileBytes } from "./FileBytes.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import { SourceFailed } from "./ImportRefused.ts"
import { sniffMime } from "./Mime.ts"
import type { Budget } from "./PackedEntry.ts"
import { byName, type Entry, type LeftOut, type Source } from "./Source.ts"
import { openZip } from "./ZipSource.ts"

const HEAD_BYTES = 8

interface Found {
  readonly entries: Array<Entry>
  readonly leftOut: Array<LeftOut>
  beyond: number
}

export const openDirectory = (
  path: string,
  budget: Budget,
  limits: ImportLimits
): Effect.Effect<Source, SourceFailed> =>
  Effect.gen(function*() {
    const found: Found = { entries: [], leftOut: [], beyond: 0 }
    const folders: Array<{ readonly path: string; readonly name: string; readonly depth: number }> = [{
      path,
      name: "",
      depth: 0
    }]
    while (folders.length > 0) {
      const folder = folders.pop()!
      for (const child of yield* list(folder.path)) {
        const name = shownName(folder.name + child.name)
        const at = Path.join(folder.path, child.name)
        if (found.entries.length + found.leftOut.length >= limits.entriesMax) found.beyond++
        else if (child.isSymbolicLink()) found.leftOut.push({ name, reason: "is a link, which is not followed" })
        else if (child.name.startsWith(".")) found.leftOut.push({ name, reason: "is hidden" })
        else if (child.isDirectory() && folder.depth >= limits.folderDepthMax) {
          found.leftOut.push({ name, reason: `lies deeper than folderDepthMax (${limits.folderDepthMax})` })
        } else if (child.isDirectory()) folders.push({ path: at, name: `${name}/`, depth: folder.depth + 1 })
        else if (!child.isFile()) found.leftOut.push({ name, reason: "is no regular file" })
        else yield* addFile(at, name, found, budget, limits)
      }
    }
    if (found.beyond > 0) {
      found.leftOut.push({
        name: Path.basename(path),
        reason: `${found.beyond} of its files are over entriesMax (${limits.entriesMax})`
      })
    }
    return {
      kind: "directory" as const,
      name: Path.basename(path),
      entries: found.entries.toSorted(byName),
      leftOut: found.leftOut.toSorted(byName)
    }
  })

const list = (path: string): Effect.Effect<ReadonlyArray<Dirent>, SourceFailed> =>
  Effect.tryPromise({
    try: () => Fs.readdir(path, { withFileTypes: true }),
    catch: (cause) => new SourceFailed({ name: path, cause })
  }).pipe(Effect.map((children) => children.toSorted(byName)))

const addFile = (path: string, name: string, found: Found, budget: Budget, limits: ImportLimits) =>
  Effect.gen(function*() {
    const { size } = yield* Effect.tryPromise(() => Fs.stat(path))
    const head = yield* FileBytes.at(path, 0, HEAD_BYTES)
    if (sniffMime(head) !== "application/zip") {
      found.entries.push(fileEntry(path, name, size))
      return
    }
    const zip = yield* openZip(path, { name, size, prefix: `${name}/` }, budget, limits)
    const room = limits.entriesMax - found.entries.length
    found.entries.push(...zip.entries.slice(0, room))
    found.leftOut.push(...zip.leftOut)
    found.beyond += Math.max(0, zip.entries.length - room)
  }).pipe(
    // A file that cannot be opened (rights, a vanished name) is no reason to leave the others.
    Effect.catchAll(() => Effect.sync(() => void found.leftOut.push({ name, reason: "cannot be opened" })))
  )

/** A plain file as an entry. */
export const fileEntry = (path: string, name: string, size: number): Entry => ({
  name,
  pack: null,
  size,
  suspicion: null,
  bytes: FileBytes.stretch(path, 0, size)
})
