/** The way through tree and heads, in memory: each kind of harm done to rows, tiles or heads, and what is said of it. */
import { fromSeed } from "@vivim/crypto/SigningKey"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assert, beforeAll, describe, it } from "vitest"
import { exampleKey, layerMemory, pour } from "./AuditExample.ts"
import { AuditLog } from "./AuditLog.ts"
import { AuditStore, type TreeHead } from "./AuditStore.ts"
import * as Checkpoint from "./Checkpoint.ts"
import { GrowingTree } from "./GrowingTree.ts"
import * as HeadTrail from "./HeadTrail.ts"
import { leafHash } from "./MerkleTree.ts"
import type { Tile } from "./Tile.ts"
import { type Finding, TreeTrail } from "./TreeTrail.ts"

interface Scene {
  events: ReadonlyArray<RecordedEvent>
  tiles: ReadonlyArray<Tile>
  heads: ReadonlyArray<TreeHead>
  size: number
  issued: { readonly number: number; readonly note: string } | null
}

/** 600 events, heads over 100, 300 and 600. */
const scene = Effect.gen(function*() {
  const log = yield* AuditLog
  for (const count of [100, 200, 300]) {
    yield* pour(count, 7)
    yield* log.signHead
  }
  // Without the one that is signed at the start, over whatever is there.
  const heads = yield* log.store.heads(0, 10)
  return {
    key: log.key,
    scene: {
      events: [...yield* Stream.runCollect((yield* EventStore).readAll(0))],
      tiles: yield* log.store.tiles([0, 1, 2].map((index) => ({ level: 0, index })).concat([{ level: 1, index: 0 }])),
      heads: heads.filter(({ size }) => size >= 100).map((head, i) => ({ ...head, number: i + 1 })),
      size: 600,
      issued: null
    } as Scene
  }
})

let prepared: Effect.Effect.Success<typeof scene>
beforeAll(async () => {
  prepared = await Effect.runPromise(Effect.provide(scene, layerMemory))
})

const walk = (change: (scene: Scene) => Partial<Scene>) =>
  Effect.runPromise(
    Effect.gen(function*() {
      const { key, scene: sound } = prepared
      const { events, heads, issued, size, tiles } = { ...sound, ...change(sound) }
      const memory = yield* AuditStore
      const store: typeof memory = {
        ...memory,
        tiles: (wanted) =>
          Effect.succeed(
            tiles.filter((tile) => wanted.some(({ index, level }) => tile.level === level && tile.index === index))
          ),
        heads: (after, limit) => Effect.succeed(heads.filter(({ number }) => number > after).slice(0, limit))
      }
      const trail = yield* Effect.provideService(
        HeadTrail.begin(key, heads.at(-1)?.number ?? 0, issued),
        AuditStore,
        store
      )
      const agreed: Array<number> = []
      const tree = new TreeTrail(store, trail, size, (mark) => agreed.push(mark.size))
      let found: Finding | null = null
      for (let at = 0; at < events.length && found === null; at += 50) {
        yield* tree.prepare(50)
        for (const event of events.slice(at, at + 50)) {
          const asked = tree.take(event)
          found = asked === null ? null : yield* asked
          if (found !== null) break
        }
      }
      found ??= yield* tree.end
      return { found, agreed, bad: trail.bad(), seen: trail.seen() }
    }).pipe(Effect.provide(AuditStore.layerMemory))
  )

const other = (hash: Uint8Array) => hash.map((byte) => byte ^ 1)
const altered = (position: number) => ({ events }: Scene) => ({
  events: events.map((event) => event.position === position ? { ...event, hash: other(event.hash) } : event)
})
const spoiled = (tiles: ReadonlyArray<Tile>, level: number, index: number, at: number, hash?: Uint8Array) =>
  tiles.map((tile) => {
    if (tile.level !== level || tile.index !== index) return tile
    const hashes = new Uint8Array(tile.hashes)
    hashes.set(hash ?? other(hashes.subarray(at * 32, at * 32 + 32)), at * 32)
    return { ...tile, hashes }
  })

describe("the way through a tree", () => {
  it("R1 finds nothing where nothing is, and agrees with every head", async () => {
    assert.deepStrictEqual(await walk(() => ({})), { found: null, agreed: [100, 300, 600], bad: null, seen: 3 })
  })

  for (const position of [1, 100, 257, 600]) {
    it(`R1 names event ${position} when it is another one than was signed`, async () => {
      const { found } = await walk(altered(position))
      assert.deepInclude({ ...found }, { what: "event", position })
      assert.include(found!.problem, "not the event that was signed here")
    })

    it(`R1 names leaf ${position} when it was altered, and not the event`, async () => {
      const at = position - 1
      const { found } = await walk(({ tiles }) => ({ tiles: spoiled(tiles, 0, at >> 8, at & 255) }))
      assert.deepInclude({ ...found }, { what: "tree", position })
    })
  }

  it("R1 names an event no head speaks of yet", async () => {
    const { found } = await walk((scene) => ({ ...altered(400)(scene), heads: scene.heads.slice(0, 2) }))
    assert.deepInclude({ ...found }, { what: "event", position: 400 })
    assert.include(found!.problem, "the tree took in")
  })

  it("R1 names a leaf that is missing", async () => {
    const { found } = await walk(({ tiles }) => ({
      tiles: tiles.filter(({ index, level }) => level > 0 || index !== 1)
    }))
    assert.deepInclude({ ...found }, { what: "tree", position: 257 })
  })

  it("R2 names a tile that does not hold what the events come to", async () => {
    const { found } = await walk(({ tiles }) => ({ tiles: spoiled(tiles, 1, 0, 1) }))
    assert.deepInclude({ ...found }, { what: "tree", position: 512 })
    assert.include(found!.problem, "tile 0 of level 1")
  })

  it("R3 finds events and leaves rewritten together at the next head, and names those in question", async () => {
    const { found } = await walk((scene) => {
      const { events } = altered(150)(scene)
      const tile = new GrowingTree()
      for (const { hash } of events.slice(0, 256)) tile.add(leafHash(hash))
      const tiles = spoiled(scene.tiles, 0, 0, 149, leafHash(events[149]!.hash))
      return { events, tiles: spoiled(tiles, 1, 0, 0, tile.root()) }
    })
    assert.deepInclude({ ...found }, { what: "event", position: 101 })
    assert.include(found!.problem, "events 101 to 300")
  })

  it("R4 finds a log that ends before a head, or before its tree", async () => {
    const cut = ({ events }: Scene) => ({ events: events.slice(0, 560) })
    assert.deepInclude({ ...(await walk(cut)).found }, { what: "event", position: 561 })
    const { found } = await walk((scene) => ({ ...cut(scene), size: 560 }))
    assert.include(found!.problem, "head 3 was signed over 600")
    const unsigned = await walk((scene) => ({ ...cut(scene), heads: scene.heads.slice(0, 2) }))
    assert.deepInclude({ ...unsigned.found }, { what: "event", position: 561 })
    assert.include(unsigned.found!.problem, "its tree holds 600")
    const forgotten = await walk((scene) => ({
      ...cut(scene),
      size: 560,
      heads: scene.heads.slice(0, 2),
      issued: scene.heads[2]!
    }))
    assert.deepInclude({ ...forgotten.found }, { what: "event", position: 561 })
  })
})

describe("the way through the heads", () => {
  const mallory = fromSeed(Buffer.alloc(32, 9))
  const badHeads: Readonly<
    Record<string, readonly [(heads: ReadonlyArray<TreeHead>) => ReadonlyArray<TreeHead>, number, string]>
  > = {
    "one left out": [(heads) => heads.toSpliced(1, 1), 100, "head 2 is missing"],
    "the first one left out": [(heads) => heads.slice(1), 0, "head 1 is missing"],
    "a root that was altered": [
      (heads) => heads.map((head) => head.number === 2 ? { ...head, root: other(head.root) } : head),
      100,
      "says something else"
    ],
    "a size that was altered": [
      (heads) => heads.map((head) => head.number === 3 ? { ...head, size: 599 } : head),
      300,
      "says something else"
    ],
    "a note that was altered": [
      (heads) => heads.map((head) => head.number === 2 ? { ...head, note: head.note.replace("300", "299") } : head),
      100,
      "not signed by this node's key"
    ],
    "one that another key signed": [
      (heads) =>
        heads.map((head) =>
          head.number === 2
            ? {
              ...head,
              note: Checkpoint.signed({ origin: head.note.split("\n")[0]!, size: 300, root: head.root }, mallory)
            }
            : head
        ),
      100,
      "not signed by this node's key"
    ],
    "two exchanged": [
      ([one, two, three]) => [one!, { ...three!, number: 2 }, { ...two!, number: 3 }],
      600,
      "smaller than the one before"
    ]
  }
  for (const [what, [change, size, problem]] of Object.entries(badHeads)) {
    it(`W1 finds ${what}`, async () => {
      const { bad } = await walk(({ heads }) => ({ heads: change(heads) }))
      assert.strictEqual(bad?.size, size)
      assert.include(bad!.problem, problem)
    })
  }

  it("W2 misses a head that was issued", async () => {
    const { bad } = await walk(({ heads }) => ({ heads: heads.slice(0, 2), issued: heads[2]! }))
    assert.deepInclude({ ...bad }, { size: 300, problem: "head 3 was issued, but the newest kept one is 2" })
    assert.isNull((await walk(({ heads }) => ({ issued: heads[1]! }))).bad, "a kept one is not missed")
    const foreign = Checkpoint.signed({ origin: "vivim/log/other", size: 1, root: new Uint8Array(32) }, exampleKey)
    assert.include((await walk(() => ({ issued: { number: 1, note: foreign } }))).bad?.problem, "not signed by its key")
  })
})
