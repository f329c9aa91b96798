/** What every audit store keeps: tiles that only grow, heads in a row, whoever else is at work on the same log. */
import { AuditStore, type TreeHead } from "@vivim/audit/AuditStore"
import type { Tile } from "@vivim/audit/Tile"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { type Law, law } from "./Law.ts"

type Store = Context.Tag.Service<AuditStore>

const tile = (level: number, index: number, width: number, fill = 1): Tile => ({
  level,
  index,
  hashes: new Uint8Array(width * 32).fill(fill)
})

const head = (number: number, size = number): TreeHead => ({
  number,
  size,
  root: new Uint8Array(32).fill(number),
  at: 1_790_000_000_000 + number,
  note: `vivim/log/x\n${size}\n\u2014 \u{1f375} "'\\\n`
})

const shape = (tiles: ReadonlyArray<Tile>) =>
  tiles.map(({ hashes, index, level }) => `${level}/${index} ${hashes.length} ${hashes[0]}`).toSorted()

export const auditStoreLaws: ReadonlyArray<Law<Store>> = [
  law("A1 grows from where it stands, all or nothing, and tells who comes too late", function*(store) {
    assert.strictEqual(yield* store.size, 0)
    assert.isTrue(yield* store.grow(0, 300, [tile(0, 0, 256), tile(0, 1, 44), tile(1, 0, 1)]))
    assert.isFalse(yield* store.grow(0, 10, [tile(0, 0, 10, 9)]))
    assert.isFalse(yield* store.grow(299, 310, [tile(0, 1, 54, 9)]))
    assert.strictEqual(yield* store.size, 300)
    assert.deepStrictEqual(
      shape(yield* store.tiles([{ level: 0, index: 0 }, { level: 0, index: 1 }, { level: 1, index: 0 }])),
      ["0/0 8192 1", "0/1 1408 1", "1/0 32 1"]
    )
    const raced = yield* Effect.all(
      [1, 2, 3, 4, 5].map((n) => store.grow(300, 300 + n, [tile(0, 1, 44 + n, n)])),
      { concurrency: "unbounded" }
    )
    assert.lengthOf(raced.filter((won) => won), 1)
    const winner = raced.indexOf(true) + 1
    assert.strictEqual(yield* store.size, 300 + winner)
    assert.deepStrictEqual(shape(yield* store.tiles([{ level: 0, index: 1 }])), [`0/1 ${(44 + winner) * 32} ${winner}`])
  }),
  law("A2 gives back what was kept, and nothing that was not asked for or is not there", function*(store) {
    const mine = tile(3, 7_000_000_000, 2, 5)
    yield* store.grow(0, 12_345_678_901_234, [mine, tile(0, 0, 1)])
    assert.deepStrictEqual(shape(yield* store.tiles([{ level: 3, index: 7_000_000_000 }, { level: 9, index: 1 }])), [
      "3/7000000000 64 5"
    ])
    assert.deepStrictEqual(yield* store.tiles([]), [])
    mine.hashes.fill(0)
    assert.deepStrictEqual(shape(yield* store.tiles([{ level: 3, index: 7_000_000_000 }])), ["3/7000000000 64 5"])
    assert.isNull(yield* store.newestHead)
    assert.isNull(yield* store.head(1))
    for (let number = 1; number <= 5; number++) assert.isTrue(yield* store.keepHead(head(number)))
    const same = (found: TreeHead | null, number: number) => {
      assert.isNotNull(found)
      assert.deepStrictEqual({ ...found!, root: [...found!.root] }, { ...head(number), root: [...head(number).root] })
    }
    same(yield* store.newestHead, 5)
    same(yield* store.head(2), 2)
    const some = yield* store.heads(2, 2)
    assert.lengthOf(some, 2)
    some.forEach((one, i) => same(one, 3 + i))
    assert.deepStrictEqual(yield* store.heads(5, 10), [])
  }),
  law("A3 keeps heads in a row, and one of those who come at once", function*(store) {
    assert.isFalse(yield* store.keepHead(head(2)))
    assert.isTrue(yield* store.keepHead(head(1)))
    assert.isFalse(yield* store.keepHead(head(1, 9)))
    assert.isFalse(yield* store.keepHead(head(3)))
    const raced = yield* Effect.all([1, 2, 3, 4, 5].map((n) => store.keepHead(head(2, 100 + n))), {
      concurrency: "unbounded"
    })
    assert.lengthOf(raced.filter((won) => won), 1)
    assert.strictEqual((yield* store.newestHead)!.size, 101 + raced.indexOf(true))
  }),
  law("A4 has an id of its own", function*(store) {
    assert.match(store.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })
]
