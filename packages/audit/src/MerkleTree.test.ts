/** The Merkle tree, held to RFC 9162's definitions written down as they stand there, and to roots that are known. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { GrowingTree } from "./GrowingTree.ts"
import { emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from "./MerkleTree.ts"
import { edgeWidths, hashAt, hashBytes, hashOf, heightOf, type Tile, type TileAt, tileOf, widthOf } from "./Tile.ts"
import { consistency, inclusion, type ReadTiles, rootAt, tilesOf } from "./TreeProof.ts"

type Bytes = Uint8Array
const hex = (bytes: Bytes) => Buffer.from(bytes).toString("hex")
const entriesOf = (size: number) => Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`))

/** RFC 9162, 2.1.1, as it is written. */
const split = (n: number) => {
  let k = 1
  while (k << 1 < n) k <<= 1
  return k
}
const mth = (d: ReadonlyArray<Bytes>): Bytes =>
  d.length === 0
    ? emptyRoot()
    : d.length === 1
    ? leafHash(d[0]!)
    : nodeHash(mth(d.slice(0, split(d.length))), mth(d.slice(split(d.length))))

/** RFC 9162, 2.1.3.1. */
const path = (m: number, d: ReadonlyArray<Bytes>): ReadonlyArray<Bytes> => {
  if (d.length === 1) return []
  const k = split(d.length)
  return m < k
    ? [...path(m, d.slice(0, k)), mth(d.slice(k))]
    : [...path(m - k, d.slice(k)), mth(d.slice(0, k))]
}

/** RFC 9162, 2.1.4.1. */
const subproof = (m: number, d: ReadonlyArray<Bytes>, b: boolean): ReadonlyArray<Bytes> => {
  if (m === d.length) return b ? [] : [mth(d)]
  const k = split(d.length)
  return m <= k
    ? [...subproof(m, d.slice(0, k), b), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))]
}

/** A tree grown leaf by leaf into tiles, as a store would keep them. */
const grown = (entries: ReadonlyArray<Bytes>) => {
  const tree = new GrowingTree()
  const tiles = new Map<string, Tile>()
  const roots = [tree.root()]
  for (const entry of entries) {
    tree.add(leafHash(entry), (level, at, hash) => {
      const index = Math.floor(at / widthOf)
      const key = `${level}/${index}`
      tiles.set(key, { level, index, hashes: Buffer.concat([tiles.get(key)?.hashes ?? Buffer.alloc(0), hash]) })
    })
    roots.push(tree.root())
  }
  let reads = 0
  const read: ReadTiles<never> = (wanted) =>
    Effect.sync(() => {
      reads += wanted.length
      return wanted.flatMap(({ index, level }) => tiles.get(`${level}/${index}`) ?? [])
    })
  return { tiles, roots, read, reads: () => reads, tree }
}

/** The leaves every implementation of certificate transparency is tried with, and the roots of their trees. */
const known = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
const knownRoots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
]

const whole = entriesOf(66_200)
const large = grown(whole)

describe("the tree", () => {
  it("M1 has the roots that are known", () => {
    const { roots } = grown(known.map((entry) => Buffer.from(entry, "hex")))
    assert.deepStrictEqual(roots.map(hex), knownRoots)
  })

  it("M1 has at every size the root RFC 9162 defines", () => {
    const entries = entriesOf(600)
    const { roots } = grown(entries)
    for (const [size, root] of roots.entries()) {
      assert.strictEqual(hex(root), hex(mth(entries.slice(0, size))), `${size}`)
    }
  })

  it("M1 goes on from any size as if it had never stopped", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(FastCheck.nat(66_000), FastCheck.nat(199), async (size, more) => {
        const nodes = await Effect.runPromise(
          Effect.forEach(
            edgeNodes(size),
            (node) => Effect.map(large.read([tileOf(node)]), ([tile]) => hashOf(tile!, node)!)
          )
        )
        const tree = GrowingTree.at(size, nodes)
        for (const entry of whole.slice(size, size + more)) {
          tree.add(leafHash(entry))
        }
        assert.strictEqual(hex(tree.root()), hex(large.roots[size + more]!))
      }),
      { numRuns: 50 }
    )
  })
})

/** By the bits of the size, which is another way to say it than the code's. */
const edgeNodes = (size: number) => {
  const nodes = []
  let at = 0
  for (let height = 20; height >= 0; height--) {
    if ((size >> height & 1) === 0) continue
    nodes.push({ height, index: at / 2 ** height })
    at += 2 ** height
  }
  return nodes
}

const changed = (bytes: Bytes) => {
  const copy = new Uint8Array(bytes)
  copy[7]! ^= 1
  return copy
}

describe("proofs", () => {
  it("P1 M2 every leaf is proven in every tree, as RFC 9162 says, and nothing else is", async () => {
    const entries = entriesOf(40)
    const { read, roots } = grown(entries)
    for (let size = 1; size <= entries.length; size++) {
      for (let index = 0; index < size; index++) {
        const proof = await Effect.runPromise(inclusion(read, index, size))
        assert.deepStrictEqual(proof.map(hex), path(index, entries.slice(0, size)).map(hex))
        const leaf = leafHash(entries[index]!)
        const root = roots[size]!
        assert.isTrue(verifyInclusion(leaf, index, size, proof, root))
        assert.isFalse(verifyInclusion(changed(leaf), index, size, proof, root))
        assert.isFalse(verifyInclusion(leaf, index, size, proof, changed(root)))
        assert.isFalse(verifyInclusion(leaf, index, size, [...proof, leaf], root))
        assert.isFalse(verifyInclusion(leaf, size, size, proof, root))
        assert.isFalse(verifyInclusion(leaf, -1, size, proof, root))
        if (size > 1) {
          assert.isFalse(verifyInclusion(leaf, (index + 1) % size, size, proof, root))
          assert.isFalse(verifyInclusion(leaf, index, size, proof.slice(1), root))
          assert.isFalse(verifyInclusion(leaf, index, size, proof.toSpliced(index % proof.length, 1, leaf), root))
        }
      }
    }
  })

  it("M2 a leaf is proven to be somewhere", () => {
    const { roots } = grown(entriesOf(5))
    assert.isFalse(verifyInclusion(roots[5]!, 0, 0, [], roots[5]!))
  })

  it("M3 P1 every tree continues every earlier one, as RFC 9162 says, and nothing else does", async () => {
    const entries = entriesOf(40)
    const { read, roots } = grown(entries)
    for (let second = 0; second <= entries.length; second++) {
      for (let first = 0; first <= second; first++) {
        const proof = await Effect.runPromise(consistency(read, first, second))
        const expected = first === 0 ? [] : subproof(first, entries.slice(0, second), true)
        assert.deepStrictEqual(proof.map(hex), expected.map(hex))
        const one = { size: first, root: roots[first]! }
        const other = { size: second, root: roots[second]! }
        assert.isTrue(verifyConsistency(one, other, proof))
        assert.isFalse(verifyConsistency({ ...one, root: changed(one.root) }, other, proof))
        assert.isFalse(verifyConsistency(one, other, [...proof, one.root]))
        if (first > 0) assert.isFalse(verifyConsistency(one, { ...other, root: changed(other.root) }, proof))
        if (first > 0 && first < second) {
          assert.isFalse(verifyConsistency(other, one, proof))
          assert.isFalse(verifyConsistency(one, other, proof.slice(1)))
          assert.isFalse(verifyConsistency(one, other, proof.slice(0, -1)))
          assert.isFalse(verifyConsistency(one, other, proof.toSpliced(first % proof.length, 1, one.root)))
        }
      }
    }
  })

  it("P1 M2 M3 hold at sizes of more than one level of tiles", async () => {
    const sizes = FastCheck.oneof(
      FastCheck.nat(whole.length),
      FastCheck.constantFrom(0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_793, whole.length)
    )
    await FastCheck.assert(
      FastCheck.asyncProperty(FastCheck.tuple(sizes, sizes, FastCheck.nat(whole.length)), async ([a, b, c]) => {
        const [first, second] = a < b ? [a, b] : [b, a]
        assert.strictEqual(hex(await Effect.runPromise(rootAt(large.read, second))), hex(large.roots[second]!))
        const grew = await Effect.runPromise(consistency(large.read, first, second))
        const at = (size: number) => ({ size, root: large.roots[size]! })
        assert.isTrue(verifyConsistency(at(first), at(second), grew))
        if (second === 0) return
        const index = c % second
        const proof = await Effect.runPromise(inclusion(large.read, index, second))
        assert.isTrue(verifyInclusion(leafHash(whole[index]!), index, second, proof, large.roots[second]!))
      }),
      { numRuns: 200 }
    )
  })

  it("P2 read a few tiles, however large the tree", async () => {
    for (const size of [1, 300, 65_537, 66_200]) {
      for (const index of [0, size >> 1, size - 1]) {
        const before = large.reads()
        await Effect.runPromise(inclusion(large.read, index, size))
        assert.isAtMost(large.reads() - before, 3 * Math.ceil(Math.log(size + 1) / Math.log(256)))
      }
    }
    const billions = 7_654_321_987
    assert.isAtMost(tilesOf([{ from: 0, size: billions }]).length, 5)
  })

  it("P1 a tile that is missing or cut off is named", async () => {
    const read = (tiles: ReadonlyArray<Tile>): ReadTiles<never> => (wanted) =>
      Effect.succeed(
        tiles.filter((tile) => wanted.some((at: TileAt) => at.level === tile.level && at.index === tile.index))
      )
    const [tile] = await Effect.runPromise(large.read([{ level: 0, index: 2 }]))
    for (const there of [[], [{ ...tile!, hashes: tile!.hashes.subarray(0, 31 * hashBytes) }]]) {
      const error = await Effect.runPromise(Effect.flip(inclusion(read(there), 2 * 256 + 40, 3 * 256)))
      assert.deepInclude({ ...error }, { level: 0, index: 2 })
    }
  })
})

describe("tiles", () => {
  it("L1 give the hash of each subtree", () => {
    const entries = whole.slice(0, 1_024)
    for (let height = 0; height <= 10; height++) {
      for (let index = 0; index < 1_024 >> height; index++) {
        const { index: at, level } = tileOf({ height, index })
        assert.strictEqual(level, Math.floor(height / heightOf))
        const hash = hashOf(large.tiles.get(`${level}/${at}`)!, { height, index })
        if (height > 5 && index > 2) continue
        assert.strictEqual(hex(hash!), hex(mth(entries.slice(index << height, (index + 1) << height))))
      }
    }
  })

  it("L2 only grow, and hold at each size what their widths say", () => {
    const early = grown(whole.slice(0, 700))
    for (const [key, { hashes }] of early.tiles) {
      const now = large.tiles.get(key)!
      assert.strictEqual(hex(now.hashes.subarray(0, hashes.length)), hex(hashes))
    }
    for (const size of [1, 255, 256, 257, 66_200]) {
      const { tiles } = size === 66_200 ? large : grown(whole.slice(0, size))
      for (const { at: { index, level }, width } of edgeWidths(size)) {
        const tile = tiles.get(`${level}/${index}`)
        assert.strictEqual((tile?.hashes.length ?? 0) / hashBytes, width, `${size} ${level}`)
        assert.isFalse(tiles.has(`${level}/${index + 1}`))
      }
    }
    assert.isNull(hashAt({ level: 0, index: 0, hashes: Buffer.alloc(64) }, 2))
  })
})
