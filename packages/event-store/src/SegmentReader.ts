/** Reads events out of archived segments, a block at a time, and keeps the last ones in memory: bounded, however much is read. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { fromBytes } from "./EventRow.ts"
import type { RecordedEvent } from "./EventStore.ts"
import { SegmentDamaged } from "./EventStoreError.ts"
import type { Segment } from "./SegmentCatalogue.ts"
import { digestOf, type Place, rowsOf, SegmentIndex } from "./SegmentFormat.ts"
import { type SegmentStore, SegmentUnreadable } from "./SegmentStore.ts"

/** Consecutive events of one segment. */
export interface Block {
  readonly first: number
  /** As rows: each becomes an event when it is asked for, a new one each time. */
  readonly rows: ReadonlyArray<Buffer>
}

export const holds = ({ first, rows }: Block, position: number): boolean =>
  position >= first && position < first + rows.length

export const eventAt = ({ first, rows }: Block, position: number): RecordedEvent => fromBytes(rows[position - first]!)

/** The newest of what was asked for, up to so much. */
class Recent<A> {
  private readonly kept = new Map<string, A>()
  private weight = 0
  private readonly weightOf: (value: A) => number
  private readonly max: number

  constructor(max: number, weightOf: (value: A) => number) {
    this.max = max
    this.weightOf = weightOf
  }

  get(key: string): A | undefined {
    const value = this.kept.get(key)
    if (value === undefined) return undefined
    this.kept.delete(key)
    this.kept.set(key, value)
    return value
  }

  put(key: string, value: A): void {
    this.drop(key)
    this.kept.set(key, value)
    this.weight += this.weightOf(value)
    for (const old of this.kept.keys()) {
      if (this.weight <= this.max) return
      this.drop(old)
    }
  }

  private drop(key: string): void {
    const value = this.kept.get(key)
    if (value === undefined) return
    this.weight -= this.weightOf(value)
    this.kept.delete(key)
  }
}

const indexesMax = 256
const nowhere = new SegmentUnreadable({ name: "It", problem: "cannot be read: this process has no place of segments" })

export class SegmentReader {
  private readonly store: Context.Tag.Service<SegmentStore> | null
  private readonly indexes = new Recent<SegmentIndex>(indexesMax, () => 1)
  private readonly blocks: Recent<Block>

  /** `bytesMax`: of blocks that are kept in memory. */
  constructor(store: Context.Tag.Service<SegmentStore> | null, bytesMax: number) {
    this.store = store
    this.blocks = new Recent(bytesMax, ({ rows }) => rows.reduce((sum, { length }) => sum + length, 0))
  }

  index(segment: Segment): Effect.Effect<SegmentIndex, SegmentDamaged> {
    const key = keyOf(segment)
    const known = this.indexes.get(key)
    if (known !== undefined) return Effect.succeed(known)
    return this.range(segment, segment.first, segment.indexAt, segment.bytes - segment.indexAt).pipe(
      Effect.filterOrFail(
        (bytes) => Buffer.compare(digestOf(bytes), segment.digest) === 0,
        () => damaged(segment, segment.first, "was altered: its index is not the one that was written")
      ),
      Effect.map((bytes) => {
        const index = new SegmentIndex(bytes)
        this.indexes.put(key, index)
        return index
      })
    )
  }

  /** The block that holds a position. `passing`: as it lies, past the memory, for who reads on and does not come back. */
  block(segment: Segment, position: number, passing = false): Effect.Effect<Block, SegmentDamaged> {
    return Effect.flatMap(this.index(segment), (index) => {
      const place = index.block(index.blockOf(position))
      if (passing) return this.read(segment, place)
      const key = `${keyOf(segment)} ${place.offset}`
      const known = this.blocks.get(key)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.map(this.read(segment, place), (block) => {
        this.blocks.put(key, block)
        return block
      })
    })
  }

  private read(segment: Segment, place: Place): Effect.Effect<Block, SegmentDamaged> {
    return Effect.flatMap(this.range(segment, place.first, place.offset, place.bytes), (bytes) => {
      const rows = rowsOf(place, bytes)
      return rows === null
        ? damaged(segment, place.first, `was altered in positions ${place.first} to ${place.first + place.events - 1}`)
        : Effect.succeed({ first: place.first, rows })
    })
  }

  private range(segment: Segment, position: number, from: number, bytes: number) {
    const work = this.store === null ? Effect.fail(nowhere) : this.store.range(segment.name, from, bytes)
    return Effect.mapError(work, ({ message }) => damaged(segment, position, message))
  }
}

/** One that was written anew is another one. */
const keyOf = ({ digest, name }: Segment): string => `${name} ${Buffer.from(digest).toString("hex")}`

export const damaged = ({ first, last, name }: Segment, position: number, problem: string) =>
  new SegmentDamaged({ name, first, last, position, problem })
