/**
 * The right edge of the kept tree in memory: takes leaves, and says which tiles have changed.
 *
 * E1  Begun at any size out of what is kept, it goes on as if it had never stopped.
 * E2  Every tile that changed is told once, whole, and no other.
 */
import * as Effect from "effect/Effect"
import { GrowingTree } from "./GrowingTree.ts"
import { nodesOf } from "./MerkleTree.ts"
import { edgeWidths, hashBytes, hashOf, type Tile, tileOf, widthOf } from "./Tile.ts"
import { type ReadTiles, TreeDamaged } from "./TreeProof.ts"

interface Growing {
  index: number
  width: number
  /** The width that was told last. */
  told: number
  readonly hashes: Buffer
}

export class TreeEdge {
  readonly tree: GrowingTree
  /** The tile at the edge of each level. */
  private readonly levels: Array<Growing>
  /** Those that have become whole since somebody asked. */
  private full: Array<Tile> = []

  constructor(tree: GrowingTree, tiles: ReadonlyArray<Tile>) {
    this.tree = tree
    this.levels = tiles.map(({ hashes, index }) => {
      const whole = Buffer.alloc(widthOf * hashBytes)
      whole.set(hashes)
      const width = hashes.length / hashBytes
      return { index, width, told: width, hashes: whole }
    })
  }

  add(leaf: Uint8Array): void {
    this.tree.add(leaf, this.put)
  }

  /** The tiles that have changed since this was asked. */
  take(): ReadonlyArray<Tile> {
    const tiles = this.full
    this.full = []
    this.levels.forEach((growing, level) => {
      const { hashes, index, told, width } = growing
      if (width === told) return
      growing.told = width
      tiles.push({ level, index, hashes: Buffer.from(hashes.subarray(0, width * hashBytes)) })
    })
    return tiles
  }

  private readonly put = (level: number, _: number, hash: Uint8Array): void => {
    const tile = this.levels[level] ??= { index: 0, width: 0, told: 0, hashes: Buffer.alloc(widthOf * hashBytes) }
    tile.hashes.set(hash, tile.width * hashBytes)
    tile.width++
    if (tile.width < widthOf) return
    this.full.push({ level, index: tile.index, hashes: Buffer.from(tile.hashes) })
    tile.index++
    tile.width = 0
    tile.told = 0
  }
}

/** The edge of the tree of this size, out of the tiles that are kept. */
export const load = <E>(read: ReadTiles<E>, size: number): Effect.Effect<TreeEdge, E | TreeDamaged> =>
  Effect.gen(function*() {
    const edges = edgeWidths(size)
    const there = yield* read(edges.filter(({ width }) => width > 0).map(({ at }) => at))
    const tiles: Array<Tile> = []
    for (const { at: { index, level }, width } of edges) {
      const found = there.find((tile) => tile.level === level)?.hashes ?? new Uint8Array(0)
      if (found.length < width * hashBytes) {
        return yield* new TreeDamaged({
          level,
          index,
          message: `tile ${index} of level ${level} of the tree is missing or cut off`
        })
      }
      tiles.push({ level, index, hashes: found.subarray(0, width * hashBytes) })
    }
    const hashes = nodesOf({ from: 0, size }).map((node) => hashOf(tiles[tileOf(node).level]!, node)!)
    return new TreeEdge(GrowingTree.at(size, hashes), tiles)
  })
