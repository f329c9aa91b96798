/** The table of contents of a zip, from its end, as yauzl reads it; with a read-ahead, because its records are small and many. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import type { Readable } from "node:stream"
import * as Yauzl from "yauzl"
import { FileBytes } from "./FileBytes.ts"
import type { PackedEntry } from "./PackedEntry.ts"
import * as SealedBytes from "./SealedBytes.ts"

/** What the directory holds; `damage` says why reading it stopped early. */
export interface ZipDirectory {
  readonly entries: ReadonlyArray<PackedEntry>
  /** As many as the zip says it has. */
  readonly announced: number
  readonly damage: string | null
}

const PAGE_BYTES = 1_024 * 1_024
const ENCRYPTED = 0x1

class PagedReader extends Yauzl.RandomAccessReader {
  readonly #file: Fs.promises.FileHandle
  readonly #path: string
  #page: Buffer = Buffer.alloc(0)
  #start = 0

  constructor(file: Fs.promises.FileHandle, path: string) {
    super()
    this.#file = file
    this.#path = path
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return FileBytes.open(this.#path, start, end)
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void
  ): void {
    const give = () => {
      const from = position - this.#start
      callback(null, this.#page.copy(buffer, offset, from, from + length))
    }
    if (position >= this.#start && position + length <= this.#start + this.#page.length) return give()
    const page = Buffer.alloc(Math.max(PAGE_BYTES, length))
    this.#file.read(page, 0, page.length, position).then(({ bytesRead }) => {
      this.#page = SealedBytes.opened(this.#path, position, page.subarray(0, bytesRead))
      this.#start = position
      give()
    }, callback)
  }
}

/** Reads the directory, at most `entriesMax` of it. Never fails: damage is part of the answer. */
export const readZipDirectory = (path: string, size: number, entriesMax: number): Effect.Effect<ZipDirectory> =>
  Effect.scoped(Effect.gen(function*() {
    const file = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => Fs.promises.open(path, "r"), catch: String }),
      (handle) => Effect.promise(() => handle.close())
    )
    const zip = yield* Effect.tryPromise({
      try: () =>
        Yauzl.fromRandomAccessReaderPromise(new PagedReader(file, path), size, {
          autoClose: false,
          decodeStrings: false,
          validateEntrySizes: false
        }),
      catch: reasonOf
    })
    let damage: string | null = null
    const entries = yield* Stream.fromAsyncIterable(zip.eachEntry(), reasonOf).pipe(
      Stream.take(entriesMax),
      Stream.map(packed),
      Stream.catchAll((reason) => {
        damage = reason
        return Stream.empty
      }),
      Stream.runCollect
    )
    return { entries: Chunk.toReadonlyArray(entries), announced: zip.entryCount, damage }
  })).pipe(Effect.catchAll((damage) => Effect.succeed({ entries: [], announced: 0, damage })))

const reasonOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

const packed = (entry: Yauzl.Entry): PackedEntry => ({
  name: Yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true),
  header: entry.relativeOffsetOfLocalHeader,
  packedSize: entry.compressedSize,
  size: entry.uncompressedSize,
  crc: entry.crc32,
  method: entry.compressionMethod,
  encrypted: (entry.generalPurposeBitFlag & ENCRYPTED) !== 0,
  cut: false
})
