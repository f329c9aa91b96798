/**
 * Rows in PostgreSQL's binary form, read where the socket put them: no letters made of bytes and bytes of letters again, no object for
 * each message, no copy for each row.
 *
 * Y1  What is read is what lies there, for every kind of column the log has, however the answer is cut into pieces on its way.
 * Y2  A page that is given up in the middle, or that fails, leaves no connection in disorder.
 *
 * The driver cannot read binary rows, so they are taken out of what it is given; everything else it gets as it came.
 * Source: PostgreSQL manual, Frontend/Backend Protocol, message formats.
 */
import type { Duplex } from "node:stream"
import type { Connection, Submittable } from "pg"
import { MessageWriter } from "./PostgresMessages.ts"

/** A question whose answer is read in binary. A number is a bigint. */
export interface RowQuestion {
  /** A named statement is parsed and planned once per session. */
  readonly name?: string
  readonly text: string
  readonly values?: ReadonlyArray<string | number>
}

/** Such a question, as `pg` takes a query. */
export class RowQuery<A> implements Submittable {
  /** By these the driver remembers which statements a session knows. */
  readonly name: string | undefined
  readonly text: string
  /** The driver puts its own in front, and stops its clock there. */
  callback: (error: Error | null, rows: ReadonlyArray<A>) => void
  private readonly values: ReadonlyArray<string | number>
  private readonly decode: (row: BinaryRow) => A
  private rows: Array<A> = []
  private tap: RowTap | null = null

  constructor(
    { name, text, values = [] }: RowQuestion,
    decode: (row: BinaryRow) => A,
    callback: RowQuery<A>["callback"]
  ) {
    this.name = name
    this.text = text
    this.values = values
    this.decode = decode
    this.callback = callback
  }

  submit(connection: Connection): void {
    const { name = "", text, values } = this
    this.tap = tapOf(connection.stream)
    this.tap.take = (row) => this.rows.push(this.decode(row))
    const known =
      (connection as unknown as { readonly parsedStatements: Readonly<Record<string, string>> }).parsedStatements
    const out = new MessageWriter(1_024)
    if (name === "" || known[name] !== text) out.parse(name, text)
    out.execute(name, values.length, () => {
      for (const value of values) {
        out.room(16 + 3 * String(value).length)
        if (typeof value === "string") out.text(value)
        else {
          out.int32(8)
          out.int64(value)
        }
      }
    }, "binary")
    connection.stream.write(out.sync())
  }

  handleError(error: Error): void {
    this.end(error, [])
  }

  handleReadyForQuery(): void {
    this.end(null, this.rows)
  }

  handleCommandComplete(): void {}

  private end(error: Error | null, rows: ReadonlyArray<A>): void {
    if (this.tap === null) return
    this.tap.take = null
    this.tap = null
    const { callback } = this
    // Questions of a session are known from one to the next. One that is over and old holds on to nothing: what it held would be taken
    // for alive until the next full collection, page after page.
    this.rows = []
    this.callback = nobody
    callback(error, rows)
  }
}

/** Stands between a connection's socket and the driver, from its first such question on, which comes when nothing is under way. */
class RowTap {
  /** Wants the rows that come now. */
  take: ((row: BinaryRow) => void) | null = null
  private readonly pass: (piece: Buffer) => void
  private readonly row = new BinaryRow()
  /** The beginning of a message whose end has not come, in pieces, and how much of it there must be before it is looked at. */
  private pieces: Array<Buffer> = []
  private have = 0
  private need = 0

  constructor(stream: Duplex) {
    const listeners = stream.listeners("data") as unknown as ReadonlyArray<(piece: Buffer) => void>
    this.pass = (piece) => {
      for (const listener of listeners) listener.call(stream, piece)
    }
    stream.removeAllListeners("data")
    stream.on("data", (piece: Buffer) => this.read(piece))
  }

  private read(piece: Buffer): void {
    const missing = this.need - this.have
    if (piece.length < missing) {
      this.pieces.push(piece)
      this.have += piece.length
      return
    }
    if (this.have < headBytes) return this.messages(this.have === 0 ? piece : this.taken(piece))
    // Of what came no more is copied than the end of the message that had begun.
    this.messages(this.taken(piece.subarray(0, missing)))
    if (piece.length > missing) this.messages(piece.subarray(missing))
  }

  private taken(last: Buffer): Buffer {
    return Buffer.concat([...this.pieces, last], this.have + last.length)
  }

  private messages(bytes: Buffer): void {
    let [at, from] = [0, 0]
    this.need = headBytes
    while (at + headBytes <= bytes.length) {
      const end = at + 1 + bytes.readUInt32BE(at + 1)
      if (end > bytes.length) {
        this.need = end - at
        break
      }
      if (bytes[at] === dataRow && this.take !== null) {
        if (at > from) this.pass(bytes.subarray(from, at))
        this.row.begin(bytes, at + headBytes)
        this.take(this.row)
        from = end
      }
      at = end
    }
    if (at > from) this.pass(bytes.subarray(from, at))
    this.pieces = at < bytes.length ? [bytes.subarray(at)] : []
    this.have = bytes.length - at
  }
}

const nobody = () => {}

/** A kind and a length. */
const headBytes = 5
const dataRow = "D".charCodeAt(0)

const taps = new WeakMap<Duplex, RowTap>()

const tapOf = (stream: Duplex): RowTap => {
  const known = taps.get(stream)
  if (known !== undefined) return known
  const tap = new RowTap(stream)
  taps.set(stream, tap)
  return tap
}

/**
 * Reads the columns of a row one after the other. None may be null. What it gives are views of what came. Rows of a log repeat their
 * streams, types and owners: a text that is the same as in the row before is not made again.
 */
export class BinaryRow {
  private page: Buffer = Buffer.alloc(0)
  private at = 0
  /** Texts of the row before, in their order, as far as each of their letters is a byte; and how many of this one's were read. */
  private readonly texts: Array<string> = []
  private textsRead = 0

  begin(bytes: Buffer, at: number): void {
    this.page = bytes
    // The number of columns stands first.
    this.at = at + 2
    this.textsRead = 0
  }

  /** The row as it came, if it has so many columns: a copy. To be asked before anything else. */
  copy(columns: number): Buffer {
    const from = this.at - 2
    for (let n = 0; n < columns; n++) this.next()
    return Buffer.from(this.page.subarray(from, this.at))
  }

  private next(): number {
    const { at, page } = this
    const length = page[at]! << 24 | page[at + 1]! << 16 | page[at + 2]! << 8 | page[at + 3]!
    this.at = at + 4 + length
    return length
  }

  text(): string {
    const length = this.next()
    const from = this.at - length
    const nth = this.textsRead++
    const before = this.texts[nth]
    if (before !== undefined && before.length === length && this.says(before, from)) return before
    const text = this.page.toString("utf8", from, this.at)
    this.texts[nth] = text.length === length ? text : ""
    return text
  }

  private says(text: string, from: number): boolean {
    for (let i = 0; i < text.length; i++) if (this.page[from + i] !== text.charCodeAt(i)) return false
    return true
  }

  bytes(): Uint8Array {
    const length = this.next()
    return new Uint8Array(this.page.buffer, this.page.byteOffset + this.at - length, length)
  }

  /** Of two or eight bytes, and not negative. */
  integer(): number {
    const length = this.next()
    return length === 2 ? this.page.readInt16BE(this.at - 2) : this.uint32(8) * 0x100000000 + this.uint32(4)
  }

  private uint32(before: number): number {
    const { page } = this
    const at = this.at - before
    return (page[at]! << 24 | page[at + 1]! << 16 | page[at + 2]! << 8 | page[at + 3]!) >>> 0
  }

  uuid(): string {
    this.next()
    for (let i = 0, to = 0; i < 16; i++, to += 2) {
      if (i === 4 || i === 6 || i === 8 || i === 10) to++
      const byte = this.page[this.at - 16 + i]!
      letters[to] = digits[byte >> 4]!
      letters[to + 1] = digits[byte & 15]!
    }
    return letters.toString("latin1")
  }
}

const digits = Buffer.from("0123456789abcdef")
/** The hyphens stay. */
const letters = Buffer.alloc(36, "-")
