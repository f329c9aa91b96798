/**
 * The way through a log beside its tree: grows the tree anew from the rows, and holds it against the kept tiles and the signed heads.
 *
 * R1  The first event whose hash is not the one the tree took in is named, and it is said whether the event or the tree was altered.
 * R2  A tile that does not hold what the leaves below come to is named.
 * R3  Rows and tiles rewritten together are found at the first head that was signed over them, and the events in question are named.
 * R4  A log that ends before what the tree or a signed head holds is found.
 */
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { AuditStore, AuditStoreError } from "./AuditStore.ts"
import { GrowingTree } from "./GrowingTree.ts"
import type { HeadTrail, TrustedHead } from "./HeadTrail.ts"
import { leafHash, verifyInclusion } from "./MerkleTree.ts"
import { hashAt, type Tile, type TileAt, widthOf } from "./Tile.ts"
import * as TreeProof from "./TreeProof.ts"

/** What is not as it was written. `event`: the row is at fault, as far as that can be told. */
export interface Finding {
  readonly what: "event" | "tree"
  readonly position: number
  readonly problem: string
}

const keyOf = ({ index, level }: TileAt): string => `${level}/${index}`
const same = (a: Uint8Array | null, b: Uint8Array): boolean => a !== null && Buffer.compare(a, b) === 0

/** The tiles in which something of the leaves `from` to `to - 1` stands, or of what they complete. */
const tilesAbove = (from: number, to: number): ReadonlyArray<TileAt> => {
  const tiles: Array<TileAt> = []
  for (let level = 0, a = from, b = to; b > 0; level++, a = Math.floor(a / widthOf), b = Math.floor(b / widthOf)) {
    for (let index = Math.floor(a / widthOf); index <= Math.floor((b - 1) / widthOf); index++) {
      tiles.push({ level, index })
    }
  }
  return tiles
}

/** A head, or the tree as it was at some size. */
export interface Mark {
  readonly size: number
  readonly root: Uint8Array
}

/** Walks it: `prepare`, then `take` each event, and `end` behind the last one. */
export class TreeTrail {
  readonly tree = new GrowingTree()
  private readonly store: Context.Tag.Service<AuditStore>
  private readonly heads: HeadTrail
  /** How much of the log the kept tree holds. */
  private readonly size: number
  private tiles = new Map<string, Tile>()
  private head: TrustedHead | null = null
  private headsEnded = false
  /** How far a signed head vouches for what was seen. */
  private vouched = 0
  private readonly agreed: (mark: Mark) => void
  /** The kept tree, as the rows have it; null until they were seen so far. */
  whole: Mark | null = null

  /** `agreed` is told of each head that the rows agree with. */
  constructor(
    store: Context.Tag.Service<AuditStore>,
    heads: HeadTrail,
    size: number,
    agreed: (mark: Mark) => void
  ) {
    this.store = store
    this.heads = heads
    this.size = size
    this.agreed = agreed
  }

  /** Brings the tiles that the next so many events are held against. */
  prepare(events: number): Effect.Effect<void, AuditStoreError> {
    if (this.tree.size >= this.size) return Effect.void
    const wanted = tilesAbove(this.tree.size, Math.min(this.size, this.tree.size + events))
    return Effect.map(this.store.tiles(wanted), (tiles) => {
      this.tiles = new Map(tiles.map((tile) => [keyOf(tile), tile]))
    })
  }

  /** Goes one event further, one that was prepared for. Null: nothing is wrong; else what is, or is not, has to be asked for. */
  take({ hash }: RecordedEvent): Effect.Effect<Finding | null, AuditStoreError> | null {
    const leaf = leafHash(hash)
    const position = this.tree.size + 1
    const stored = position <= this.size ? this.kept(0, this.tree.size) : leaf
    if (!same(stored, leaf)) {
      return Effect.flatMap(this.headOver(position), (head) => blame(this.store, position, leaf, stored, head))
    }
    let above: Finding | null = null
    this.tree.add(leaf, (level, at, hash) => {
      if (level > 0 && position <= this.size && !same(this.kept(level, at), hash)) {
        above ??= {
          what: "tree",
          position,
          problem: `tile ${
            Math.floor(at / widthOf)
          } of level ${level} of the tree does not hold what the events come to`
        }
      }
    })
    if (above !== null) return Effect.succeed(above)
    if (position === this.size) this.whole = { size: position, root: this.tree.root() }
    return this.headsEnded || (this.head !== null && this.head.size > position) ? null : this.atHead
  }

  /** What is missing behind the last event, or null. */
  readonly end: Effect.Effect<Finding | null, AuditStoreError> = Effect.suspend(() => {
    const position = this.tree.size + 1
    return Effect.map(this.headOver(position), (head) => {
      if (head === null && this.size < position) return null
      const behind = head === null
        ? `its tree holds ${this.size} events`
        : `head ${head.number} was signed over ${head.size} events`
      return { what: "event", position, problem: `the log ends at ${this.tree.size}, but ${behind}` }
    })
  })

  private kept(level: number, at: number): Uint8Array | null {
    const tile = this.tiles.get(keyOf({ level, index: Math.floor(at / widthOf) }))
    return tile === undefined ? null : hashAt(tile, at % widthOf)
  }

  /** The first head that was signed over so many leaves or more; those before it are passed over. */
  private headOver(leaves: number): Effect.Effect<TrustedHead | null, AuditStoreError> {
    return Effect.suspend(() =>
      this.headsEnded || (this.head !== null && this.head.size >= leaves)
        ? Effect.succeed(this.head)
        : Effect.zipRight(this.nextHead, this.headOver(leaves))
    )
  }

  private readonly nextHead: Effect.Effect<void, AuditStoreError> = Effect.suspend(() =>
    Effect.map(this.heads.next, (next) => {
      this.head = next
      this.headsEnded = next === null
    })
  )

  /** Several heads may have one size, and each must agree. */
  private readonly atHead: Effect.Effect<Finding | null, AuditStoreError> = Effect.suspend(() => {
    const { size } = this.tree
    return Effect.flatMap(this.headOver(size), (head) => {
      if (head === null || head.size > size) return Effect.succeed(null)
      if (!same(head.root, this.tree.root())) {
        const problem = rewritten(this.vouched + 1, head)
        return Effect.succeed({ what: "event" as const, position: this.vouched + 1, problem })
      }
      this.vouched = size
      this.agreed(head)
      return Effect.zipRight(this.nextHead, this.atHead)
    })
  })
}

const rewritten = (from: number, { number, size }: TrustedHead) =>
  from === size
    ? `this event and its leaf were rewritten: head ${number}, signed over ${size}, has another root`
    : `events ${from} to ${size}, or some of them, were rewritten together with the tree: head ${number}, signed over ${size}, has ` +
      "another root"

/** Event and tree say two things: whoever a signed head agrees with is right. */
const blame = (
  { tiles }: Context.Tag.Service<AuditStore>,
  position: number,
  leaf: Uint8Array,
  stored: Uint8Array | null,
  head: TrustedHead | null
) =>
  Effect.gen(function*() {
    const proof = head === null ? null : yield* Effect.catchTag(
      TreeProof.inclusion(tiles, position - 1, head.size),
      "TreeDamaged",
      () => Effect.succeed(null)
    )
    const isSigned = (one: Uint8Array | null) =>
      head !== null && proof !== null && one !== null && verifyInclusion(one, position - 1, head.size, proof, head.root)
    const finding = (what: "event" | "tree", problem: string): Finding => ({ what, position, problem })
    if (isSigned(leaf)) return finding("tree", "its leaf in the tree was altered; the event is the one that was signed")
    if (isSigned(stored)) {
      return finding("event", `it is not the event that was signed here: head ${head!.number} holds another one`)
    }
    return stored === null
      ? finding("tree", "its leaf in the tree is missing")
      : finding("event", "it is not the event the tree took in here")
  })
