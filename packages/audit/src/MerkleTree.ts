/**
 * The Merkle tree of RFC 9162 as mathematics: how leaves and nodes are hashed, of which subtrees a range is made, what a proof
 * consists of, and whether one holds.
 *
 * M1  The root over any entries is the one RFC 9162 defines, and a tree grown leaf by leaf has it at every size.
 * M2  A proof of inclusion holds for the leaf, index, size and root it was made for, and for no others.
 * M3  A proof of consistency holds for the two sizes and roots it was made for, and for no others.
 *
 * Source: RFC 9162, 2.1 (as RFC 6962, 2.1): leaves are hashed behind 0x00, nodes behind 0x01, with SHA-256.
 */
import { hash } from "node:crypto"

/** By way of hexadecimal: Node makes bytes of a short text faster than it hands a Buffer over (measured: 0.5 us against 1.2). */
const sha256 = (bytes: Uint8Array): Uint8Array => Buffer.from(hash("sha256", bytes, "hex"), "hex")
const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** The hash of an entry as a leaf. 32 bytes. */
export const leafHash = (entry: Uint8Array): Uint8Array => {
  const marked = entry.length === 32 ? single : Buffer.alloc(1 + entry.length)
  marked.set(entry, 1)
  return sha256(marked)
}

/** Hashed so often that they have memory of their own: a leaf over a hash, and a node over two. */
const single = Buffer.alloc(33)
const pair = Buffer.alloc(65, 1)

/** The hash of a node over its two children. 32 bytes. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  pair.set(left, 1)
  pair.set(right, 33)
  return sha256(pair)
}

/** Takes the place of its right child in `right`: a tree that grows needs no memory for it. */
export const climb = (left: Uint8Array, right: Buffer): void => {
  pair.set(left, 1)
  pair.set(right, 33)
  right.write(hash("sha256", pair, "hex"), "hex")
}

/** The root of a tree without entries. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0))

/** Leaves `from`, `from + 1`, … `from + size - 1`. */
export interface Range {
  readonly from: number
  readonly size: number
}

/** A complete subtree: 2^height leaves, the `index`-th of its kind from the left. */
export interface Node {
  readonly height: number
  readonly index: number
}

/** The largest power of two smaller than a number of at least 2. */
const splitOf = (size: number): number => {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/** The complete subtrees a range is made of, from left to right. A range of a tree begins at a multiple of its size, rounded up to 2^n. */
export const nodesOf = ({ from, size }: Range): ReadonlyArray<Node> => {
  const nodes: Array<Node> = []
  for (let at = from, left = size; left > 0;) {
    const height = Math.floor(Math.log2(left))
    const width = 2 ** height
    nodes.push({ height, index: at / width })
    at += width
    left -= width
  }
  return nodes
}

/** The hash of a range from those of its subtrees (`nodesOf`). */
export const fold = (hashes: ReadonlyArray<Uint8Array>): Uint8Array =>
  hashes.length === 0 ? emptyRoot() : hashes.reduceRight((right, left) => nodeHash(left, right))

/** Whose hashes prove that the leaf `index` is in the tree of this size: PATH of RFC 9162, 2.1.3.1, from the leaf upwards. */
export const inclusionPath = (index: number, size: number): ReadonlyArray<Range> => {
  const path: Array<Range> = []
  let from = 0
  for (let left = size; left > 1;) {
    const split = splitOf(left)
    if (index < from + split) {
      path.push({ from: from + split, size: left - split })
      left = split
    } else {
      path.push({ from, size: split })
      from += split
      left -= split
    }
  }
  return path.toReversed()
}

/** Whose hashes prove that a tree grew from one size to another: PROOF of RFC 9162, 2.1.4.1. Neither size is 0. */
export const consistencyPath = (first: number, second: number): ReadonlyArray<Range> => {
  const path: Array<Range> = []
  let from = 0
  let old = first
  let size = second
  while (old !== size) {
    const split = splitOf(size)
    if (old <= split) {
      path.push({ from: from + split, size: size - split })
      size = split
    } else {
      path.push({ from, size: split })
      from += split
      old -= split
      size -= split
    }
  }
  // The old tree as a whole is known to whoever asks; a part of it is not.
  if (from > 0) path.push({ from, size })
  return path.toReversed()
}

const isOdd = (n: number): boolean => n % 2 === 1
const half = (n: number): number => Math.floor(n / 2)

/** Whether the path proves the leaf to be the `index`-th of the tree with this root. Source: RFC 9162, 2.1.3.2. */
export const verifyInclusion = (
  leaf: Uint8Array,
  index: number,
  size: number,
  path: ReadonlyArray<Uint8Array>,
  root: Uint8Array
): boolean => {
  if (index < 0 || index >= size) return false
  let at = index
  let last = size - 1
  let hash = leaf
  for (const one of path) {
    if (last === 0) return false
    if (isOdd(at) || at === last) {
      hash = nodeHash(one, hash)
      while (!isOdd(at) && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else hash = nodeHash(hash, one)
    at = half(at)
    last = half(last)
  }
  return last === 0 && equal(hash, root)
}

/** Whether the path proves the tree with the second root to continue the one with the first. Source: RFC 9162, 2.1.4.2. */
export const verifyConsistency = (
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  path: ReadonlyArray<Uint8Array>
): boolean => {
  if (first.size > second.size || first.size < 0) return false
  if (first.size === second.size) return path.length === 0 && equal(first.root, second.root)
  // Every tree continues the empty one.
  if (first.size === 0) return path.length === 0 && equal(first.root, emptyRoot())
  const whole = Number.isInteger(Math.log2(first.size))
  const [begin, ...more] = whole ? [first.root, ...path] : path
  if (begin === undefined) return false
  let at = first.size - 1
  let last = second.size - 1
  while (isOdd(at)) {
    at = half(at)
    last = half(last)
  }
  let old = begin
  let now = begin
  for (const one of more) {
    if (last === 0) return false
    if (isOdd(at) || at === last) {
      old = nodeHash(one, old)
      now = nodeHash(one, now)
      while (!isOdd(at) && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else now = nodeHash(now, one)
    at = half(at)
    last = half(last)
  }
  return last === 0 && equal(old, first.root) && equal(now, second.root)
}
