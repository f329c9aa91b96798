/**
 * Many rows in PostgreSQL's binary copy form: bytes come as bytes instead of twice as many letters, and cost the node half.
 *
 * Y1  What is read is what lies there, for every kind of column the log has.
 * Y2  A page that is given up in the middle, or that fails, leaves no connection in disorder.
 *
 * Source: PostgreSQL manual, COPY, binary format; and protocol flow, copy-out ("always one per row").
 */
import type { Connection, Submittable } from "pg"

/** A `copy (...) to stdout (format binary)`, as `pg` takes a query: it hands every message of the answer to it. */
export class CopyOut implements Submittable {
  /** The driver puts its own in front, and stops its clock there. */
  callback: (error: Error | null, rows: ReadonlyArray<Buffer>) => void
  private readonly text: string
  private readonly rows: Array<Buffer> = []
  private failed = false

  constructor(select: string, callback: CopyOut["callback"]) {
    this.text = `copy (${select}) to stdout (format binary)`
    this.callback = callback
  }

  submit(connection: Connection): void {
    connection.query(this.text)
  }

  /** The driver reads into the same memory again and again: each row is copied out of it. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const from = this.headed ? 0 : headerBytes
    this.headed = true
    if (chunk.length > from + endBytes) this.rows.push(Buffer.from(chunk.subarray(from)))
  }

  handleError(error: Error): void {
    this.failed = true
    this.callback(error, [])
  }

  handleReadyForQuery(): void {
    if (!this.failed) this.callback(null, this.rows)
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}

  private headed = false
}

/** What stands after the last row instead of a number of columns. */
const endBytes = 2

/** A signature, flags and the length of an extension nobody has made yet stand before the first row. */
const headerBytes = 11 + 4 + 4

/** Reads the columns of a row one after the other. */
export class CopiedRow {
  private readonly row: Buffer
  /** After the number of columns. */
  private at = 2

  constructor(row: Buffer) {
    this.row = row
  }

  private next(): number {
    const length = this.row.readInt32BE(this.at)
    this.at += 4 + length
    return length
  }

  text(): string {
    const length = this.next()
    return this.row.toString("utf8", this.at - length, this.at)
  }

  bytes(): Uint8Array {
    const length = this.next()
    return this.row.subarray(this.at - length, this.at)
  }

  /** Of two or eight bytes, and not negative. */
  integer(): number {
    const length = this.next()
    return length === 2
      ? this.row.readInt16BE(this.at - 2)
      : this.row.readUInt32BE(this.at - 8) * 0x100000000 + this.row.readUInt32BE(this.at - 4)
  }

  uuid(): string {
    const length = this.next()
    const hex = this.row.toString("hex", this.at - length, this.at)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
