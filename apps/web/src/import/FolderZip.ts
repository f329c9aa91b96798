/**
 * A folder as one zip, so that it can be sent as one file: stored, not compressed, and never held in memory.
 * Written by the book: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end).
 *
 * Z1  Every file is in it under its own path, byte for byte, with the CRC-32 of its bytes.
 * Z2  Names of any script survive: they are written, and flagged, as UTF-8.
 * Z3  What the format cannot hold without extensions (4 GiB, 65,535 files) is refused before anything is read.
 */
const bytesMax = 0xffff_ffff
const filesMax = 0xffff
/** Room for the headers of the largest number of files, so that no offset can overflow. */
const headersMax = 64 * 1024 * 1024
const utf8Names = 0x0800
const version = 20

export class FolderTooLarge extends Error {
  constructor() {
    super(
      "This folder is too large to be sent at once (4 GB or 65,535 files). Import it from the command line: vivim import <folder>."
    )
  }
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb8_8320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

/** CRC-32 (ISO 3309), continued over the next bytes; begin with 0. */
export const crc32 = (crc: number, bytes: Uint8Array): number => {
  let c = ~crc
  for (let at = 0; at < bytes.length; at++) c = table[(c ^ bytes[at]!) & 0xff]! ^ (c >>> 8)
  return ~c >>> 0
}

const crcOf = async (file: Blob, onBytes: (bytes: number) => void): Promise<number> => {
  let crc = 0
  const reader = file.stream().getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return crc
    crc = crc32(crc, value)
    onBytes(value.length)
  }
}

/** Fields one after the other: [value, bytes], little-endian. */
const record = (fields: ReadonlyArray<readonly [number, 2 | 4]>): Uint8Array<ArrayBuffer> => {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [, size]) => sum + size, 0)))
  let at = 0
  for (const [value, size] of fields) {
    if (size === 2) out.setUint16(at, value, true)
    else out.setUint32(at, value, true)
    at += size
  }
  return new Uint8Array(out.buffer)
}

interface Entry {
  readonly path: string
  readonly file: Blob
}

/** The fields both headers share, from "version needed" to the length of the name. 1980-01-01 00:00 stands for no time. */
const shared = (crc: number, size: number, name: Uint8Array): ReadonlyArray<readonly [number, 2 | 4]> => [
  [version, 2],
  [utf8Names, 2],
  [0, 2],
  [0, 2],
  [0x21, 2],
  [crc, 4],
  [size, 4],
  [size, 4],
  [name.length, 2],
  [0, 2]
]

export const zipOf = async (
  entries: ReadonlyArray<Entry>,
  onBytes: (bytes: number) => void = () => {}
): Promise<Blob> => {
  const total = entries.reduce((sum, { file }) => sum + file.size, 0)
  if (entries.length > filesMax || total > bytesMax - headersMax) throw new FolderTooLarge()
  const parts: Array<BlobPart> = []
  const directory: Array<BlobPart> = []
  let offset = 0
  let directoryBytes = 0
  for (const { path, file } of entries) {
    const name = new TextEncoder().encode(path)
    const fields = shared(await crcOf(file, onBytes), file.size, name)
    const local = record([[0x0403_4b50, 4], ...fields])
    const central = record([[0x0201_4b50, 4], [version, 2], ...fields, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]])
    parts.push(local, name, file)
    directory.push(central, name)
    offset += local.length + name.length + file.size
    directoryBytes += central.length + name.length
  }
  const count = entries.length
  const end = record([[0x0605_4b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [directoryBytes, 4], [offset, 4], [
    0,
    2
  ]])
  return new Blob([...parts, ...directory, end], { type: "application/zip" })
}
