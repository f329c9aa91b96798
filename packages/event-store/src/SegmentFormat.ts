/**
 * The form of a segment: the exact rows of consecutive events, in compressed blocks, and an index that vouches for each.
 *
 * Z1  What is written is read back row for row, whichever event is asked for first.
 * Z2  A bit changed anywhere, a block exchanged, an index cut off: it is noticed before anything is answered.
 *
 * ```
 * segment  "VIVIM SEGMENT 1\n"  block…  index
 * block    rows, deflated (RFC 1951), or as they are where that is not shorter
 * rows     for each: its length (4 bytes), and the row in PostgreSQL's binary form: how many columns, and each with its length
 * index    first position (8)  events (8)  then for each block:
 *          events (4)  offset (8)  bytes as they lie (4)  bytes as rows (4)  SHA-256 of the bytes as they lie (32)
 * ```
 * Numbers are big-endian. The catalogue in the database knows where the index begins and its SHA-256: the digest of the segment,
 * which through the blocks' own covers every byte. Events of a block follow each other, so a position leads to its block; a stream's
 * events are found by the rows that stay in the table.
 */
import { hash } from "node:crypto"
import { deflateRawSync, inflateRawSync } from "node:zlib"

export const magic: Uint8Array = Buffer.from("VIVIM SEGMENT 1\n")

/** A block is closed when it holds so many bytes of rows: small enough to be read for one event, large enough to compress. */
export const blockBytesMax = 32 * 1024

const headBytes = 16
const entryBytes = 52
const sha256 = (bytes: Uint8Array): Buffer => hash("sha256", bytes, "buffer")

export const digestOf = (index: Uint8Array): Uint8Array => sha256(index)

/** Where a block lies, and which events it holds. */
export interface Place {
  /** The position of its first event. */
  readonly first: number
  readonly events: number
  readonly offset: number
  readonly bytes: number
  readonly plainBytes: number
  readonly sha256: Uint8Array
}

/** Packs rows as they come. What `take` and `end` answer is to be written in this order, behind the magic bytes. */
export class SegmentWriter {
  private rows: Array<Uint8Array> = []
  private rowBytes = 0
  private readonly entries: Array<Buffer> = []
  private offset = magic.length
  private events = 0
  private readonly first: number

  constructor(first: number) {
    this.first = first
  }

  /** Where the index will begin. */
  get indexAt(): number {
    return this.offset
  }

  get count(): number {
    return this.events
  }

  /** A block that is full with this row, or null. */
  take(row: Uint8Array): Uint8Array | null {
    this.rows.push(row)
    this.rowBytes += 4 + row.length
    this.events++
    return this.rowBytes >= blockBytesMax ? this.close() : null
  }

  /** What is left, and the index. */
  end(): { readonly block: Uint8Array | null; readonly index: Uint8Array } {
    const block = this.rows.length === 0 ? null : this.close()
    const head = Buffer.alloc(headBytes)
    head.writeBigUInt64BE(BigInt(this.first), 0)
    head.writeBigUInt64BE(BigInt(this.events), 8)
    return { block, index: Buffer.concat([head, ...this.entries]) }
  }

  private close(): Uint8Array {
    const plain = Buffer.allocUnsafe(this.rowBytes)
    let at = 0
    for (const row of this.rows) {
      at = plain.writeUInt32BE(row.length, at)
      plain.set(row, at)
      at += row.length
    }
    const deflated = deflateRawSync(plain, { level: 4 })
    const block = deflated.length < plain.length ? deflated : plain
    const entry = Buffer.allocUnsafe(entryBytes)
    entry.writeUInt32BE(this.rows.length, 0)
    entry.writeBigUInt64BE(BigInt(this.offset), 4)
    entry.writeUInt32BE(block.length, 12)
    entry.writeUInt32BE(plain.length, 16)
    entry.set(sha256(block), 20)
    this.entries.push(entry)
    this.offset += block.length
    this.rows = []
    this.rowBytes = 0
    return block
  }
}

/** The index of a segment, and of its blocks which holds a position. */
export class SegmentIndex {
  readonly first: number
  readonly events: number
  private readonly index: Buffer
  /** The first position of each block. */
  private readonly firsts: ReadonlyArray<number>

  /** Of bytes whose digest was compared already. */
  constructor(bytes: Uint8Array) {
    this.index = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.first = Number(this.index.readBigUInt64BE(0))
    this.events = Number(this.index.readBigUInt64BE(8))
    const firsts: Array<number> = []
    let first = this.first
    for (let at = headBytes; at < bytes.length; at += entryBytes) {
      firsts.push(first)
      first += this.index.readUInt32BE(at)
    }
    this.firsts = firsts
  }

  get blocks(): number {
    return this.firsts.length
  }

  block(n: number): Place {
    const at = headBytes + n * entryBytes
    return {
      first: this.firsts[n]!,
      events: this.index.readUInt32BE(at),
      offset: Number(this.index.readBigUInt64BE(at + 4)),
      bytes: this.index.readUInt32BE(at + 12),
      plainBytes: this.index.readUInt32BE(at + 16),
      sha256: this.index.subarray(at + 20, at + entryBytes)
    }
  }

  /** The block that holds a position of the segment. */
  blockOf(position: number): number {
    let low = 0
    for (let high = this.firsts.length - 1; low < high;) {
      const middle = (low + high + 1) >> 1
      if (this.firsts[middle]! <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The rows of a block, or null: these are not the bytes that were written. */
export const rowsOf = (place: Place, bytes: Uint8Array): ReadonlyArray<Buffer> | null => {
  if (Buffer.compare(sha256(bytes), place.sha256) !== 0) return null
  const plain = place.bytes === place.plainBytes
    ? Buffer.from(bytes)
    : inflateRawSync(bytes, { maxOutputLength: place.plainBytes })
  const rows: Array<Buffer> = []
  for (let at = 0; at < plain.length;) {
    const length = plain.readUInt32BE(at)
    rows.push(plain.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return rows
}
