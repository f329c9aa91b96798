/** Cuts the bytes of a backup into its records as they come, and makes sure that each is what was written there. */
import {
  type BackupRecord,
  BackupRefused,
  decode,
  firstLink,
  linkBytes,
  magic,
  nextLink,
  recordBytesMax
} from "./BackupFormat.ts"

/** A record with where it lies. */
export interface Placed {
  readonly record: BackupRecord
  /** What a person needs to find it: "record 3, at byte 1024". */
  readonly place: string
  /** The link before it: a digest of everything before it. */
  readonly before: Uint8Array
}

const headBytes = 4

export class BackupReader {
  /** Bytes of the file that were looked at. */
  read = 0
  private pending: Array<Uint8Array> = []
  private size = 0
  private begun = false
  private ended = false
  private count = 0
  private link = firstLink()

  /** The records that are whole with these bytes. Throws `BackupRefused`. */
  push(chunk: Uint8Array): ReadonlyArray<Placed> {
    this.pending.push(chunk)
    this.size += chunk.length
    if (!this.begun && !this.begin()) return []
    const placed: Array<Placed> = []
    for (let next = this.next(); next !== null; next = this.next()) placed.push(next)
    return placed
  }

  /** No more bytes will come. Throws `BackupRefused` unless the last record was the last. */
  end(): void {
    if (!this.begun) {
      const start = this.take(Math.min(this.size, magic.length))
      if (start.equals(magic.subarray(0, start.length)) && start.length > 0) {
        this.refuse("the file is cut off in its first line")
      }
      throw notABackup()
    }
    if (this.ended) return
    this.refuse(
      this.size > 0
        ? `the file is cut off in ${this.place()}`
        : `the file is cut off before ${this.place()}: it has no end`
    )
  }

  private begin(): boolean {
    if (this.size < magic.length) return false
    const start = this.take(magic.length)
    if (!start.equals(magic)) {
      const form = /^VIVIM-BACKUP\/(\d+)/.exec(start.toString("latin1"))?.[1]
      if (form === undefined) throw notABackup()
      throw new BackupRefused({
        message:
          `The backup is of form ${form}, and this version of VIVIM knows form 1: restore it with the version that wrote it.`
      })
    }
    this.read += magic.length
    this.begun = true
    return true
  }

  private next(): Placed | null {
    if (this.ended && this.size > 0) this.refuse(`something follows after the end, at byte ${this.read}`)
    if (this.size < headBytes) return null
    const length = this.peek(headBytes).readUInt32BE()
    if (length > recordBytesMax) this.refuse(`${this.place()} claims ${length} bytes, and no record has so many`)
    const whole = headBytes + length + linkBytes
    if (this.size < whole) return null
    const bytes = this.take(whole)
    const body = bytes.subarray(headBytes, headBytes + length)
    const before = this.link
    this.link = nextLink(before, bytes.subarray(0, headBytes), body)
    if (!bytes.subarray(headBytes + length).equals(this.link.subarray(0, linkBytes))) {
      this.refuse(`${this.place()} is not as it was written there`)
    }
    const place = this.place()
    const record = decode(body) ?? this.refuse(`${place} is none that this version of VIVIM knows`)
    this.count++
    this.read += whole
    this.ended = record.kind === "end"
    return { record, place, before }
  }

  private place(): string {
    return `record ${this.count + 1}, at byte ${this.read}`
  }

  private refuse(what: string): never {
    throw new BackupRefused({ message: `The backup is damaged: ${what}.` })
  }

  private peek(count: number): Buffer {
    const bytes = this.take(count)
    this.pending.unshift(bytes)
    this.size += count
    return bytes
  }

  /** Copies no more than what is asked for: a large record is put together once, when it is all there. */
  private take(count: number): Buffer {
    const taken: Array<Uint8Array> = []
    let missing = count
    while (missing > 0) {
      const first = this.pending[0]!
      if (first.length > missing) {
        taken.push(first.subarray(0, missing))
        this.pending[0] = first.subarray(missing)
        missing = 0
      } else {
        taken.push(first)
        this.pending.shift()
        missing -= first.length
      }
    }
    this.size -= count
    return taken.length === 1 ? Buffer.from(taken[0]!.buffer, taken[0]!.byteOffset, count) : Buffer.concat(taken)
  }
}

const notABackup = () => new BackupRefused({ message: "This is not a backup of VIVIM: it does not begin like one." })
