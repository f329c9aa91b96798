/**
 * Hands a file or a folder to the node. A folder travels as one zip made on the way, without a copy on disk;
 * zips inside it travel by themselves, so that no zip lies in a zip.
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import type { ImportId } from "@vivim/event-schemas/ids"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Zip, ZipPassThrough } from "fflate"
import * as fs from "node:fs"
import * as path from "node:path"
import { couldNot, refused } from "./Ended.ts"
import type { Reached } from "./NodeConnection.ts"

/** What goes to the node in one piece. */
export interface Part {
  readonly name: string
  readonly files: ReadonlyArray<{ readonly name: string; readonly file: string }>
  readonly packed: boolean
}

const FilesMax = 100_000

/** Every plain file below; links are not followed, so that a folder cannot lead out of itself. */
const filesBelow = (folder: string): ReadonlyArray<string> =>
  fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted()

const isZip = (file: string) => {
  const start = Buffer.alloc(4)
  const handle = fs.openSync(file, "r")
  try {
    return fs.readSync(handle, start, 0, 4, 0) === 4 && start.readUInt32LE(0) === 0x04034b50
  } finally {
    fs.closeSync(handle)
  }
}

const partsOfFolder = (folder: string): ReadonlyArray<Part> => {
  const all = filesBelow(folder).map((name) => ({
    name: name.split(path.sep).join("/"),
    file: path.join(folder, name)
  }))
  const zips = all.filter(({ file }) => isZip(file))
  const rest = all.filter((one) => !zips.includes(one))
  return [
    ...zips.map((one): Part => ({ name: one.name, files: [one], packed: false })),
    ...rest.length === 0 ? [] : [{ name: path.basename(path.resolve(folder)), files: rest, packed: true }]
  ]
}

/** What a path stands for; refused with a sentence when there is nothing to import. */
export const partsOf = (given: string) =>
  Effect.try({
    try: () => {
      const stat = fs.statSync(given)
      return stat.isDirectory()
        ? partsOfFolder(given)
        : [{ name: path.basename(given), files: [{ name: path.basename(given), file: given }], packed: false }]
    },
    catch: (cause) => refused(`${given} cannot be read (${(cause as NodeJS.ErrnoException).code ?? cause}).`)
  }).pipe(
    Effect.filterOrFail((parts) => parts.length > 0, () => refused(`${given} holds no file.`)),
    Effect.filterOrFail(
      (parts) => parts.every(({ files }) => files.length <= FilesMax),
      () => refused(`${given} holds more than ${FilesMax} files.`)
    )
  )

/** A zip of the files as it is made: stored, not compressed, since it only travels to the next process. */
const zipOf = ({ files }: Part): Stream.Stream<Uint8Array, Error> => {
  const ready: Array<Uint8Array> = []
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error
    ready.push(chunk)
  })
  const made = () => Chunk.unsafeFromArray(ready.splice(0))
  const entryOf = ({ file, name }: Part["files"][number]) =>
    Stream.suspend(() => {
      const entry = new ZipPassThrough(name)
      zip.add(entry)
      return bytesOf(file).pipe(
        Stream.map((bytes) => entry.push(bytes)),
        Stream.concat(Stream.sync(() => entry.push(new Uint8Array(0), true))),
        Stream.flatMap(() => Stream.fromChunk(made()))
      )
    })
  return Stream.fromIterable(files).pipe(
    Stream.flatMap(entryOf),
    Stream.concat(Stream.suspend(() => {
      zip.end()
      return Stream.fromChunk(made())
    }))
  )
}

const bytesOf = (file: string): Stream.Stream<Uint8Array, Error> =>
  NodeStream.fromReadable(() => fs.createReadStream(file, { highWaterMark: 1 << 18 }), (cause) => cause as Error)

const bodyOf = (part: Part) => Stream.toReadableStream(part.packed ? zipOf(part) : bytesOf(part.files[0]!.file))

/** Sends one part and answers the id of its import. */
export const send = ({ headers, origin }: Reached, part: Part) =>
  Effect.gen(function*() {
    const response = yield* Effect.tryPromise({
      try: (signal) =>
        fetch(`${origin}/api/v1/imports?name=${encodeURIComponent(part.name)}`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/octet-stream" },
          body: bodyOf(part),
          duplex: "half",
          signal
        } as RequestInit),
      catch: (cause) => couldNot(`${part.name} could not be sent to the node: ${(cause as Error).message}.`)
    })
    const body = yield* Effect.tryPromise({
      try: () =>
        response.json() as Promise<{ readonly importId?: string; readonly message?: string; readonly _tag?: string }>,
      catch: () => couldNot("The node's answer cannot be read.")
    })
    if (response.status === 201) return body.importId as ImportId
    const sentence = body.message ?? body._tag ?? `the node answers ${response.status}`
    return yield* response.status >= 500
      ? couldNot(`The node cannot take ${part.name}: ${sentence}`)
      : refused(`The node refuses ${part.name}: ${sentence}`)
  })
