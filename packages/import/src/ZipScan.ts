/**
 * The files of a zip whose table of contents is missing or damaged, found by walking from header to header.
 *
 * S1  Every entry whose header and data lie before the cut is found, with known and with unknown sizes.
 * S2  The entry the cut goes through is found and marked.
 */
import * as Effect from "effect/Effect"
import { FileBytes } from "./FileBytes.ts"
import type { SourceFailed } from "./ImportRefused.ts"
import type { PackedEntry } from "./PackedEntry.ts"

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const DESCRIPTOR = 0x08074b50
const HEADER_BYTES = 30
const HEADER_MAX = HEADER_BYTES + 2 * 0xffff
const WINDOW_BYTES = 1_024 * 1_024
const UTF8 = 0x800
const SIZES_BEHIND = 0x8
const ENCRYPTED = 0x1

interface Header {
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packedSize: number
  readonly size: number
  readonly name: string
  readonly data: number
}

/** Walks the file from its beginning; stops at the table of contents, at the end, or at `entriesMax`. */
export const scanZip = (
  path: string,
  fileSize: number,
  entriesMax: number
): Effect.Effect<ReadonlyArray<PackedEntry>, SourceFailed> =>
  Effect.gen(function*() {
    const found: Array<PackedEntry> = []
    let page: Buffer = Buffer.alloc(0)
    let base = 0
    let at = 0
    while (at + HEADER_BYTES <= fileSize && found.length < entriesMax) {
      // Small entries share a page; one behind a large one needs its own.
      if (at < base || at + HEADER_MAX > Math.min(base + page.length, fileSize)) {
        page = Buffer.from(yield* FileBytes.at(path, at, 2 * HEADER_MAX))
        base = at
      }
      const bytes = page.subarray(at - base)
      const mark = bytes.readUInt32LE(0)
      if (mark === CENTRAL || mark === END) break
      const header = mark === LOCAL ? readHeader(bytes, at) : null
      if (header === null) {
        const next = yield* findMark(path, at + 1, fileSize, (window, i) => window.readUInt32LE(i) === LOCAL ? 0 : null)
        if (next === null) break
        at = next.at
        continue
      }
      const entry = yield* locate(path, fileSize, at, header)
      found.push(entry.packed)
      at = entry.next
    }
    return found
  })

const readHeader = (bytes: Buffer, at: number): Header | null => {
  const flags = bytes.readUInt16LE(6)
  const nameLength = bytes.readUInt16LE(26)
  const extraEnd = HEADER_BYTES + nameLength + bytes.readUInt16LE(28)
  if (extraEnd > bytes.length) return null
  const name = bytes.subarray(HEADER_BYTES, HEADER_BYTES + nameLength)
  const header = {
    flags,
    method: bytes.readUInt16LE(8),
    crc: bytes.readUInt32LE(14),
    packedSize: bytes.readUInt32LE(18),
    size: bytes.readUInt32LE(22),
    name: (flags & UTF8) === 0 ? name.toString("latin1") : name.toString("utf8"),
    data: at + extraEnd
  }
  const long = header.packedSize === 0xffffffff || header.size === 0xffffffff
  return long ? { ...header, ...longSizes(bytes.subarray(HEADER_BYTES + nameLength, extraEnd)) } : header
}

/** Zip64: both sizes stand in an extra field. */
const longSizes = (extra: Buffer): Partial<Pick<Header, "packedSize" | "size">> => {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1 || at + 20 > extra.length) continue
    return { size: Number(extra.readBigUInt64LE(at + 4)), packedSize: Number(extra.readBigUInt64LE(at + 12)) }
  }
  return {}
}

const locate = (path: string, fileSize: number, at: number, header: Header) =>
  Effect.gen(function*() {
    const { crc, data, flags, method, name, packedSize, size } = header
    const plain = { name, header: at, method, encrypted: (flags & ENCRYPTED) !== 0 }
    if ((flags & SIZES_BEHIND) === 0 || packedSize > 0) {
      const cut = data + packedSize > fileSize
      const packed: PackedEntry = {
        ...plain,
        packedSize: Math.max(0, Math.min(packedSize, fileSize - data)),
        size,
        crc,
        cut
      }
      return { packed, next: data + packedSize }
    }
    const behind = yield* findMark(
      path,
      data,
      fileSize,
      (window, i, position) => descriptor(window, i, position - data)
    )
    const packed: PackedEntry = behind === null
      ? { ...plain, packedSize: Math.max(0, fileSize - data), size: null, crc: null, cut: true }
      : { ...plain, packedSize: behind.at - data, size: null, crc: null, cut: false }
    return { packed, next: behind === null ? fileSize : behind.at + behind.length }
  })

/** A descriptor behind the data counts only when it names exactly the length that lies before it. */
const descriptor = (window: Buffer, at: number, length: number): number | null => {
  if (window.readUInt32LE(at) !== DESCRIPTOR || at + 24 > window.length) return null
  if (window.readUInt32LE(at + 8) === length) return 16
  return window.readBigUInt64LE(at + 8) === BigInt(length) ? 24 : null
}

/** The first place at which `matches` answers the length of what it found. Windows overlap, so that no mark is cut. */
const findMark = (
  path: string,
  start: number,
  fileSize: number,
  matches: (window: Buffer, at: number, position: number) => number | null
) =>
  Effect.gen(function*() {
    const overlap = 24
    for (let base = start; base < fileSize; base += WINDOW_BYTES - overlap) {
      const bytes = yield* FileBytes.at(path, base, WINDOW_BYTES)
      // Padding lets a mark in the file's last bytes be looked at like any other.
      const window = Buffer.concat([bytes, Buffer.alloc(overlap)])
      for (
        let i = window.indexOf("PK", 0, "latin1");
        i !== -1 && i < bytes.length;
        i = window.indexOf("PK", i + 1, "latin1")
      ) {
        const length = matches(window, i, base + i)
        if (length !== null) return { at: base + i, length }
      }
    }
    return null
  })
