/** The input as readers see it: named runs of bytes that can be read from their start as often as needed. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EntryBroken, SourceFailed } from "./ImportRefused.ts"

/** One file of the input. */
export interface Entry {
  /** Its path inside the input, with `/` between; for people and for order, never a path to write to. */
  readonly name: string
  /** The zip it lies in, by its name inside the input; null for a file of its own. */
  readonly pack: string | null
  /** Its unpacked size, as far as known before reading. */
  readonly size: number | null
  /** What its headers say that cannot be right; it is read up to the bounds all the same. */
  readonly suspicion: string | null
  readonly bytes: Stream.Stream<Uint8Array, EntryBroken | SourceFailed>
}

/** A file that was left out before anyone looked inside. */
export interface LeftOut {
  readonly name: string
  readonly reason: string
}

export interface Source {
  readonly kind: "file" | "zip" | "directory"
  readonly name: string
  readonly entries: ReadonlyArray<Entry>
  readonly leftOut: ReadonlyArray<LeftOut>
}

/** How much one reading unpacks at a time. */
export const CHUNK_BYTES = 256 * 1_024

/** The first `bytes` of an entry, or all of it when it is shorter. What breaks an entry here breaks it again when it is read. */
export const head = (entry: Entry, bytes: number): Effect.Effect<Uint8Array, SourceFailed> =>
  Effect.suspend(() => {
    let taken = 0
    return entry.bytes.pipe(
      Stream.takeUntil((chunk) => (taken += chunk.length) >= bytes),
      Stream.catchTag("EntryBroken", () => Stream.empty),
      Stream.runCollect,
      Effect.map((chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)).subarray(0, bytes))
    )
  })

/** By code point, so that the order is the same everywhere. */
export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0
