/**
 * Roots and proofs out of the tiles that are kept: which tiles are needed is known beforehand, so that one question brings them all.
 *
 * P1  The root at any size the tree ever had, and every proof between such sizes, is what RFC 9162 says it is.
 * P2  A proof over a tree of n leaves reads O(log n) tiles.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { consistencyPath, fold, inclusionPath, type Node, nodesOf, type Range } from "./MerkleTree.ts"
import { hashOf, type Tile, type TileAt, tileOf } from "./Tile.ts"

/** A tile that must be there is not, or is shorter than it was. */
export class TreeDamaged extends Data.TaggedError("TreeDamaged")<TileAt & { readonly message: string }> {}

/** Answers those of the tiles that are there. */
export type ReadTiles<E> = (wanted: ReadonlyArray<TileAt>) => Effect.Effect<ReadonlyArray<Tile>, E>

const keyOf = ({ index, level }: TileAt): string => `${level}/${index}`

/** The tiles that these ranges are hashed from, each once. */
export const tilesOf = (ranges: ReadonlyArray<Range>): ReadonlyArray<TileAt> => [
  ...new Map(ranges.flatMap(nodesOf).map(tileOf).map((at) => [keyOf(at), at])).values()
]

/** The hash of each range. */
export const hashesOf = <E>(
  read: ReadTiles<E>,
  ranges: ReadonlyArray<Range>
): Effect.Effect<ReadonlyArray<Uint8Array>, E | TreeDamaged> =>
  Effect.gen(function*() {
    const wanted = tilesOf(ranges)
    const tiles = new Map((wanted.length === 0 ? [] : yield* read(wanted)).map((tile) => [keyOf(tile), tile]))
    const hash = (node: Node): Effect.Effect<Uint8Array, TreeDamaged> => {
      const at = tileOf(node)
      const tile = tiles.get(keyOf(at))
      const found = tile === undefined ? null : hashOf(tile, node)
      return found === null
        ? new TreeDamaged({ ...at, message: `tile ${at.index} of level ${at.level} of the tree is missing or cut off` })
        : Effect.succeed(found)
    }
    return yield* Effect.forEach(ranges, (range) => Effect.map(Effect.forEach(nodesOf(range), hash), fold))
  })

export const rootAt = <E>(read: ReadTiles<E>, size: number) =>
  Effect.map(hashesOf(read, [{ from: 0, size }]), ([root]) => root!)

/** Proves the leaf `index` (from 0) to be in the tree of this size. */
export const inclusion = <E>(read: ReadTiles<E>, index: number, size: number) =>
  hashesOf(read, inclusionPath(index, size))

/** Proves that the tree of the second size continues the one of the first. */
export const consistency = <E>(read: ReadTiles<E>, first: number, second: number) =>
  hashesOf(read, first === 0 ? [] : consistencyPath(first, second))
