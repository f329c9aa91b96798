/**
 * How the tree is cut into tiles: the tile `index` of a level holds up to 256 hashes next to each other, those of level 0 of
 * leaves, those of level 1 of whole tiles of level 0, and so on. Everything else of the tree is hashed from them when it is asked for.
 *
 * L1  Any subtree's hash comes out of one tile, and it is the one the tree has.
 * L2  Tiles only grow: a hash that stands in one stands there for ever.
 *
 * Source: C2SP tlog-tiles (height 8).
 */
import { type Node, nodeHash } from "./MerkleTree.ts"

/** A tile is so many heights tall, and so many hashes wide. */
export const heightOf = 8
export const widthOf = 256
export const hashBytes = 32

export interface Tile {
  readonly level: number
  readonly index: number
  /** 32 bytes each, from the left; fewer than 256 at the edge of the tree. */
  readonly hashes: Uint8Array
}

export type TileAt = Pick<Tile, "level" | "index">

/** The tile a subtree's hash comes out of. */
export const tileOf = ({ height, index }: Node): TileAt => {
  const within = height % heightOf
  return { level: (height - within) / heightOf, index: Math.floor(index / 2 ** (heightOf - within)) }
}

export const hashAt = ({ hashes }: Tile, at: number): Uint8Array | null =>
  (at + 1) * hashBytes > hashes.length ? null : hashes.subarray(at * hashBytes, (at + 1) * hashBytes)

/** The hash of a subtree out of its tile (`tileOf`); null when the tile does not reach so far. */
export const hashOf = (tile: Tile, { height, index }: Node): Uint8Array | null => {
  const width = 2 ** (height % heightOf)
  const from = (index * width) % widthOf
  return over(tile, from, width)
}

const over = (tile: Tile, from: number, width: number): Uint8Array | null => {
  if (width === 1) return hashAt(tile, from)
  const left = over(tile, from, width / 2)
  const right = over(tile, from + width / 2, width / 2)
  return left === null || right === null ? null : nodeHash(left, right)
}

/** How many hashes the last tile of each level holds when the tree has this size, from level 0 up; 0 where it is just complete. */
export const edgeWidths = (size: number): ReadonlyArray<{ readonly at: TileAt; readonly width: number }> => {
  const edges = []
  for (let level = 0, entries = size; entries > 0; level++, entries = Math.floor(entries / widthOf)) {
    edges.push({ at: { level, index: Math.floor(entries / widthOf) }, width: entries % widthOf })
  }
  return edges
}
