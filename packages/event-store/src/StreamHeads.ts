/**
 * Where streams stand, as far as this process knows: bounded, and never wrong about the past. A head only grows, so one that
 * is known may be stale but has been true.
 *
 * K1  At most so many are kept; the ones not asked for the longest go first.
 * K2  A head is `sure` as long as nobody else can have appended since it was learned.
 */

export interface Head {
  readonly version: number
  readonly hash: Uint8Array
}

interface Known extends Head {
  readonly season: number
}

export class StreamHeads {
  private readonly heads = new Map<string, Known>()
  private readonly streamsMax: number
  private season = 0

  constructor(streamsMax: number) {
    this.streamsMax = streamsMax
  }

  get(stream: string): Head | undefined {
    const known = this.heads.get(stream)
    if (known !== undefined) {
      this.heads.delete(stream)
      this.heads.set(stream, known)
    }
    return known
  }

  isSure(stream: string): boolean {
    return this.heads.get(stream)?.season === this.season
  }

  learn(stream: string, head: Head): void {
    this.heads.delete(stream)
    this.heads.set(stream, { version: head.version, hash: head.hash, season: this.season })
    if (this.heads.size > this.streamsMax) this.heads.delete(this.heads.keys().next().value!)
  }

  /** Read, and found to have no event. */
  drop(stream: string): void {
    this.heads.delete(stream)
  }

  /** Somebody else appended: what is known was true, but may not be any more. */
  doubt(): void {
    this.season++
  }

  /** After a failure nothing is believed. */
  forget(): void {
    this.heads.clear()
  }
}
