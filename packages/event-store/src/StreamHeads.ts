/**
 * Where streams stand, as far as this process knows: bounded, and never wrong about the past. A head only grows, so one that
 * is known may be stale but has been true.
 *
 * K1  At most so many are kept, and what was asked for lately is not what goes.
 * K2  A head is `sure` as long as nobody else can have appended since it was learned.
 *
 * Two halves instead of one ordered map: when the young half is full it becomes the old one, whatever was there is gone, and
 * what is asked for moves over. (Taking the first key of a large `Map` that is always shortened at its front is slow.)
 */

export interface Head {
  readonly version: number
  readonly hash: Uint8Array
}

/** The hash as a text of a letter a byte: tens of thousands of small arrays would be most of what the collector has to carry. */
interface Known {
  readonly version: number
  readonly hash: string
  readonly season: number
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")

export class StreamHeads {
  private readonly halfMax: number
  private young = new Map<string, Known>()
  private old = new Map<string, Known>()
  private season = 0

  constructor(streamsMax: number) {
    this.halfMax = Math.max(1, Math.floor(streamsMax / 2))
  }

  /** Memory of the caller's own. */
  get(stream: string): Head | undefined {
    const known = this.known(stream)
    return known === undefined ? undefined : { version: known.version, hash: Buffer.from(known.hash, "latin1") }
  }

  has(stream: string): boolean {
    return this.known(stream) !== undefined
  }

  isSure(stream: string): boolean {
    return this.known(stream)?.season === this.season
  }

  learn(stream: string, { hash, version }: Head): void {
    this.keep(stream, { version, hash: latin1(hash), season: this.season })
  }

  /** Read, and found to have no event. */
  drop(stream: string): void {
    this.young.delete(stream)
    this.old.delete(stream)
  }

  /** Somebody else appended: what is known was true, but may not be any more. */
  doubt(): void {
    this.season++
  }

  /** After a failure nothing is believed. */
  forget(): void {
    this.young = new Map()
    this.old = new Map()
  }

  private known(stream: string): Known | undefined {
    const young = this.young.get(stream)
    if (young !== undefined) return young
    const old = this.old.get(stream)
    if (old !== undefined) this.keep(stream, old)
    return old
  }

  private keep(stream: string, known: Known): void {
    if (this.young.size >= this.halfMax && !this.young.has(stream)) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(stream, known)
  }
}
