/**
 * Messages of PostgreSQL's protocol written straight into one piece of memory, for what is sent too often to be put together value by
 * value: statements prepared before, their values in binary, and COPY, one behind the other without waiting.
 *
 * Source: PostgreSQL manual, Frontend/Backend Protocol, message formats; COPY, binary format.
 */
import type { Client, Connection, Submittable } from "pg"

/** Written front to back. Room must be asked for before anything longer than a head is written. */
export class MessageWriter {
  private page: Buffer
  private at = 0
  private from = 0

  constructor(bytes: number) {
    this.page = Buffer.allocUnsafeSlow(bytes)
  }

  room(bytes: number): void {
    if (this.at + bytes <= this.page.length) return
    const larger = Buffer.allocUnsafeSlow(2 * this.page.length + bytes)
    this.page.copy(larger, 0, 0, this.at)
    this.page = larger
  }

  /** A message of this kind begins, and ends with `end`. */
  begin(kind: string): void {
    this.page[this.at] = kind.charCodeAt(0)
    this.from = this.at + 1
    this.at += 5
  }

  end(): void {
    this.page.writeInt32BE(this.at - this.from, this.from)
  }

  int16(value: number): void {
    this.at = this.page.writeInt16BE(value, this.at)
  }

  int32(value: number): void {
    this.at = this.page.writeInt32BE(value, this.at)
  }

  /** Not negative. */
  int64(value: number): void {
    this.at = this.page.writeUInt32BE(Math.floor(value / 0x100000000), this.at)
    this.at = this.page.writeUInt32BE(value % 0x100000000, this.at)
  }

  raw(bytes: Uint8Array): void {
    this.page.set(bytes, this.at)
    this.at += bytes.length
  }

  /** With its length in front, as a value is written. */
  bytes(value: Uint8Array): void {
    this.int32(value.length)
    this.raw(value)
  }

  text(value: string): void {
    const length = this.page.write(value, this.at + 4)
    this.int32(length)
    this.at += length
  }

  /** Lower case, with hyphens. */
  uuid(value: string): void {
    this.int32(16)
    for (let i = 0; i < 36; i += 2) {
      if (value.charCodeAt(i) === hyphen) i++
      this.page[this.at++] = nibble(value.charCodeAt(i)) << 4 | nibble(value.charCodeAt(i + 1))
    }
  }

  /** Ended by a zero, as names and statements are. */
  name(value: string): void {
    this.at += this.page.write(value, this.at)
    this.page[this.at++] = 0
  }

  /** A statement under a name, for as long as the session lives. */
  parse(name: string, statement: string): void {
    this.room(64 + name.length + 3 * statement.length)
    this.begin("P")
    this.name(name)
    this.name(statement)
    this.int16(0)
    this.end()
  }

  /** Runs a prepared statement; `values` writes so many values, each with its length in front, after asking for its room. */
  execute(name: string, count: number, values: () => void, answer: "text" | "binary" = "text"): void {
    this.room(64 + name.length)
    this.begin("B")
    this.name("")
    this.name(name)
    this.int16(1)
    this.int16(1)
    this.int16(count)
    values()
    this.room(64)
    this.int16(1)
    this.int16(answer === "text" ? 0 : 1)
    this.end()
    this.begin("E")
    this.name("")
    this.int32(0)
    this.end()
  }

  /** The end of what is done, or left, together. */
  sync(): Buffer {
    this.room(8)
    this.begin("S")
    this.end()
    return this.page.subarray(0, this.at)
  }
}

const hyphen = 45
/** 0-9 and a-f. */
const nibble = (code: number): number => code < 58 ? code - 48 : code - 87

type Told = (error: Error | null, told: ReadonlyArray<string>) => void

/**
 * Sends messages up to a Sync, and does not wait for the answer before it sends more. The driver waits: it is told of what was sent one
 * after the other, when the answer to that one is what comes next.
 */
export class MessageLine {
  private readonly client: Client
  private readonly sent: Array<Messages> = []

  constructor(client: Client) {
    this.client = client
  }

  /** Answers when the server has done all of them, with the first column of every row they gave, or has refused one. */
  post(messages: Buffer, done: Told): void {
    const { connection } = this.client as unknown as { readonly connection: Connection }
    connection.stream.write(messages)
    const posted = new Messages((error, told) => {
      this.sent.shift()
      const [next] = this.sent
      if (next !== undefined) this.client.query(next)
      done(error, told)
    })
    if (this.sent.push(posted) === 1) this.client.query(posted)
  }
}

/** Messages that were sent, as `pg` takes a query. */
class Messages implements Submittable {
  /** The driver puts its own in front, and stops its clock there. */
  callback: Told
  private readonly told: Array<string> = []
  private failed = false

  constructor(callback: Told) {
    this.callback = callback
  }

  submit(): void {}

  handleError(error: Error): void {
    this.failed = true
    this.callback(error, [])
  }

  handleReadyForQuery(): void {
    if (!this.failed) this.callback(null, this.told)
  }

  handleCommandComplete(): void {}
  handleCopyInResponse(): void {}

  handleDataRow({ fields }: { readonly fields: ReadonlyArray<string> }): void {
    this.told.push(fields[0]!)
  }
}
