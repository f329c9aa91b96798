/**
 * Where the tree of a log and its signed heads are kept: tiles that only grow, heads that are only added.
 *
 * A1  Growing is all or nothing, and only from the size at which the tree stands: of two who grow it, one does, and the other is told.
 * A2  What was kept is read back as it was, tile by tile and head by head.
 * A3  Heads are numbered from 1 without gaps; of two who would be the next one, one is, and the other is told.
 * A4  A log has an id of its own, unlike any other, as long as its tree is kept.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomUUID } from "node:crypto"
import type { Tile, TileAt } from "./Tile.ts"

/** A signed tree head, as it is kept. */
export interface TreeHead {
  /** Counts the heads of a log from 1. */
  readonly number: number
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** When the node says it signed it, in milliseconds; the signature does not cover it. */
  readonly at: number
  /** The signed note: see Checkpoint.ts. */
  readonly note: string
}

export class AuditStoreError extends Data.TaggedError("AuditStoreError")<{
  readonly doing: string
  readonly cause: unknown
}> {}

export class AuditStore extends Context.Tag("@vivim/audit/AuditStore")<AuditStore, {
  /** Of this log, for its origin. */
  readonly id: string
  /** How many leaves the tree has. */
  readonly size: Effect.Effect<number, AuditStoreError>
  /** Those of the tiles that are there. */
  readonly tiles: (wanted: ReadonlyArray<TileAt>) => Effect.Effect<ReadonlyArray<Tile>, AuditStoreError>
  /** Grows the tree from one size to another by the tiles that changed. False: the tree does not stand at `from`. */
  readonly grow: (from: number, to: number, changed: ReadonlyArray<Tile>) => Effect.Effect<boolean, AuditStoreError>
  readonly newestHead: Effect.Effect<TreeHead | null, AuditStoreError>
  /** Heads after a number, in order. */
  readonly heads: (after: number, limit: number) => Effect.Effect<ReadonlyArray<TreeHead>, AuditStoreError>
  /** The head with this number. */
  readonly head: (number: number) => Effect.Effect<TreeHead | null, AuditStoreError>
  /** False: there is a head with this number, or there is none with the one before. */
  readonly keepHead: (head: TreeHead) => Effect.Effect<boolean, AuditStoreError>
}>() {
  /** The twin in memory. */
  static readonly layerMemory: Layer.Layer<AuditStore> = Layer.sync(AuditStore, () => {
    const tiles = new Map<string, Tile>()
    const heads: Array<TreeHead> = []
    const keyOf = ({ index, level }: TileAt) => `${level}/${index}`
    let size = 0
    return {
      id: randomUUID(),
      size: Effect.sync(() => size),
      tiles: (wanted) => Effect.sync(() => wanted.flatMap((at) => tiles.get(keyOf(at)) ?? [])),
      grow: (from, to, changed) =>
        Effect.sync(() => {
          if (from !== size) return false
          size = to
          for (const tile of changed) tiles.set(keyOf(tile), { ...tile, hashes: new Uint8Array(tile.hashes) })
          return true
        }),
      newestHead: Effect.sync(() => heads.at(-1) ?? null),
      heads: (after, limit) => Effect.sync(() => heads.slice(after, after + limit)),
      head: (number) => Effect.sync(() => heads[number - 1] ?? null),
      keepHead: (head) =>
        Effect.sync(() => {
          if (head.number !== heads.length + 1) return false
          heads.push(head)
          return true
        })
    }
  })
}
