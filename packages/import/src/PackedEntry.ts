/**
 * The bytes of one file in a zip, unpacked as a stream and watched: whatever its headers promise, the bounds hold.
 *
 * E1  An entry that unpacks to more than its bounds (size, ratio, the import's total) breaks at the bound, by name.
 * E2  An entry that is cut, damaged or fails its checksum gives what it has and then says so.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeStream from "node:stream"
import * as Zlib from "node:zlib"
import { FileBytes } from "./FileBytes.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import { EntryBroken, SourceFailed } from "./ImportRefused.ts"
import { CHUNK_BYTES, type Entry } from "./Source.ts"

/** Where a packed file lies, as its headers say. */
export interface PackedEntry {
  readonly name: string
  /** Of its local header. */
  readonly header: number
  readonly packedSize: number
  /** Null when no header says. */
  readonly size: number | null
  readonly crc: number | null
  readonly method: number
  readonly encrypted: boolean
  /** The file ends inside it. */
  readonly cut: boolean
}

/** What all entries of one import may still unpack to. */
export interface Budget {
  left: number
}

const LOCAL_HEADER_BYTES = 30
const STORED = 0
const DEFLATED = 8

/** Why an entry is not read at all, or null. */
export const unreadable = (entry: PackedEntry): string | null =>
  entry.encrypted
    ? "is encrypted"
    : entry.method !== STORED && entry.method !== DEFLATED
    ? `is packed by method ${entry.method}, which is not read`
    : null

/** The zip an entry lies in. */
export interface Pack {
  readonly path: string
  readonly name: string
  readonly budget: Budget
}

/** A packed file as an entry of the import. `size` is only what the headers promise. */
export const packedEntry = ({ budget, name, path }: Pack, packed: PackedEntry, limits: ImportLimits): Entry => ({
  name: packed.name,
  pack: name,
  size: packed.size,
  suspicion: suspicionOf(packed, limits),
  bytes: Stream.unwrap(
    FileBytes.at(path, packed.header, LOCAL_HEADER_BYTES).pipe(
      Effect.flatMap((header) => dataStart(header, packed)),
      Effect.map((start) => unpack(path, start, packed).pipe(watch(packed, budget, limits)))
    )
  )
})

/** A bomb that says so. */
const suspicionOf = ({ packedSize, size }: PackedEntry, limits: ImportLimits): string | null => {
  if (size === null || size <= limits.ratioFreeBytes) return null
  const bound = size > limits.entryBytesMax
    ? `entryBytesMax (${limits.entryBytesMax})`
    : size > packedSize * limits.ratioMax
    ? `ratioMax (${limits.ratioMax})`
    : null
  return bound === null ? null : `would unpack from ${packedSize} to ${size} bytes, over ${bound}`
}

const dataStart = (header: Uint8Array, { header: at, name }: PackedEntry): Effect.Effect<number, EntryBroken> => {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== 0x04034b50) {
    return Effect.fail(new EntryBroken({ name, reason: "its header is not where the directory says" }))
  }
  return Effect.succeed(at + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true))
}

const unpack = (
  path: string,
  start: number,
  packed: PackedEntry
): Stream.Stream<Uint8Array, EntryBroken | SourceFailed> => {
  const end = start + packed.packedSize
  if (packed.method === STORED || packed.packedSize === 0) return FileBytes.stretch(path, start, end)
  return Stream.unwrapScoped(Effect.gen(function*() {
    // A sync flush at the end gives what a cut stream still holds; that it was cut shows in its size.
    const inflate = yield* Effect.acquireRelease(
      Effect.sync(() => Zlib.createInflateRaw({ chunkSize: CHUNK_BYTES, finishFlush: Zlib.constants.Z_SYNC_FLUSH })),
      (stream) => Effect.sync(() => stream.destroy())
    )
    NodeStream.pipeline(FileBytes.open(path, start, end), inflate, () => {})
    return Stream.fromAsyncIterable(inflate as AsyncIterable<Uint8Array>, (cause) =>
      isDamage(cause)
        ? new EntryBroken({ name: packed.name, reason: "its packed data is damaged" })
        : new SourceFailed({ name: path, cause }))
  }))
}

const isDamage = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" && cause.code.startsWith("Z_")

const watch =
  ({ crc, cut, name, packedSize, size }: PackedEntry, budget: Budget, limits: ImportLimits) =>
  <E>(bytes: Stream.Stream<Uint8Array, E>): Stream.Stream<Uint8Array, E | EntryBroken> =>
    Stream.suspend(() => {
      const ratioBytes = Math.max(limits.ratioFreeBytes, packedSize * limits.ratioMax)
      let taken = 0
      let sum = 0
      /** Which bound this chunk would break, and how much of it lies before. */
      const bound = (bytes: number): { readonly reason: string; readonly room: number } | null =>
        taken + bytes > limits.entryBytesMax
          ? {
            reason: `unpacks to more than entryBytesMax (${limits.entryBytesMax} bytes)`,
            room: limits.entryBytesMax - taken
          }
          : taken + bytes > ratioBytes
          ? {
            reason: `unpacks to more than ratioMax (${limits.ratioMax}) times its packed size`,
            room: ratioBytes - taken
          }
          : budget.left < bytes
          ? { reason: `comes after totalBytesMax (${limits.totalBytesMax} bytes) was unpacked`, room: budget.left }
          : null
      const flaw = (): string | null =>
        cut || (size !== null && taken < size)
          ? `is cut off: ${taken}${size === null ? "" : ` of ${size}`} bytes are there`
          : size !== null && taken > size
          ? `unpacks to ${taken} bytes, not the ${size} its header says`
          : crc !== null && sum !== crc
          ? "fails its checksum: some of it has changed"
          : null
      const broken = (reason: string) => Stream.fail(new EntryBroken({ name, reason }))
      return bytes.pipe(
        Stream.flatMap((chunk): Stream.Stream<Uint8Array, EntryBroken> => {
          const over = bound(chunk.length)
          if (over !== null) return Stream.concat(Stream.succeed(chunk.subarray(0, over.room)), broken(over.reason))
          taken += chunk.length
          budget.left -= chunk.length
          sum = Zlib.crc32(chunk, sum)
          return Stream.succeed(chunk)
        }),
        Stream.concat(Stream.suspend(() => {
          const reason = flaw()
          return reason === null ? Stream.empty : broken(reason)
        }))
      )
    })
