/**
 * A tree that grows at its right edge: it holds one hash per height, and has the root of whatever it has taken at any time.
 *
 * Whoever keeps the tree is told of each complete subtree whose height is a whole number of tiles, the moment it is complete.
 */
import { climb, fold, type Node, nodesOf } from "./MerkleTree.ts"
import { hashBytes, heightOf } from "./Tile.ts"

/** Told of leaves, and of the subtrees that stand in a tile: 256 leaves, 65,536, and so on. The hash is good until the call is over. */
export type Told = (level: number, index: number, hash: Uint8Array) => void

export class GrowingTree {
  size = 0
  /** The complete subtrees that end at the edge, by height; one of the size's bits says whether the entry is one. */
  private readonly edge: Array<Buffer> = []
  /** What is on its way up. */
  private readonly rising = Buffer.alloc(hashBytes)

  /** Goes on where the tree has this size: `hashes` are those of `nodesOf({ from: 0, size })`. */
  static at(size: number, hashes: ReadonlyArray<Uint8Array>): GrowingTree {
    const tree = new GrowingTree()
    tree.size = size
    nodesOf({ from: 0, size }).forEach(({ height }, i) => {
      tree.at(height).set(hashes[i]!)
    })
    return tree
  }

  /** Takes the hash of the next leaf. */
  add(leaf: Uint8Array, told?: Told): void {
    const hash = this.rising
    hash.set(leaf)
    let index = this.size
    let height = 0
    told?.(0, index, hash)
    while (index % 2 === 1) {
      climb(this.edge[height]!, hash)
      index = (index - 1) / 2
      height++
      if (height % heightOf === 0) told?.(height / heightOf, index, hash)
    }
    this.at(height).set(hash)
    this.size++
  }

  private at(height: number): Buffer {
    return this.edge[height] ??= Buffer.alloc(hashBytes)
  }

  root(): Uint8Array {
    return Buffer.from(fold(this.nodes().map(({ height }) => this.edge[height]!)))
  }

  private nodes(): ReadonlyArray<Node> {
    return nodesOf({ from: 0, size: this.size })
  }
}
