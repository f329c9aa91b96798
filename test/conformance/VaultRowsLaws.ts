/** What is true of the place where wrapped keys lie, wherever that is. */
import type { KeyRow, VaultRows } from "@vivim/crypto/vault/VaultRows"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { type Law, law as lawOf } from "./Law.ts"

export type Rows = VaultRows["Type"]

const law = lawOf<Rows>
const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const
const bytes = (n: number) => Buffer.alloc(60, n)
const row = (owner: string, stream: string, generation: number, n: number | null, under = 1) => ({
  owner,
  stream,
  generation,
  wrapped: n === null ? null : bytes(n),
  under
})
const told = (rows: ReadonlyArray<KeyRow | null>) =>
  rows.map((row) => row === null ? null : [row.stream, row.generation, row.wrapped?.[0] ?? null]).toSorted()
const both = (rows: Rows) => Effect.zipRight(rows.enroll(ada, bytes(1)), rows.enroll(bo, bytes(2)))
const next = (generation: number, n: number) => ({ owner: ada, check: bytes(n), generation, bridge: bytes(n + 1) })
const start = { stream: "", generation: 0 }

export const vaultRowsLaws: ReadonlyArray<Law<Rows>> = [
  law("R1 what was kept is there, by owner and by stream; the first one stays", function*(rows) {
    yield* both(rows)
    yield* rows.keep([row(ada, "document/d1", 1, 1), row(ada, "document/d2", 1, 2), row(bo, "document/d1", 1, 3)])
    const second = yield* rows.keep([row(ada, "document/d1", 1, 9), row(ada, "document/d1", 2, 4)])
    assert.deepStrictEqual(told(second), [["document/d1", 1, 1], ["document/d1", 2, 4]])
    assert.deepStrictEqual(told(yield* rows.ofStream(ada, "document/d1")), [["document/d1", 1, 1], [
      "document/d1",
      2,
      4
    ]])
    assert.strictEqual((yield* rows.ofOwner(ada)).length, 3)
    assert.deepStrictEqual(told(yield* rows.ofOwner(bo)), [["document/d1", 1, 3]])
  }),

  law("R1 two that keep at the same moment are told the same key", function*(rows) {
    yield* both(rows)
    const told = yield* Effect.all(
      Array.from({ length: 8 }, (_, n) => rows.keep([row(ada, "content/c", 1, n + 1), row(ada, `content/${n}`, 1, n)])),
      { concurrency: "unbounded" }
    )
    assert.strictEqual(new Set(told.map(([first]: any) => first.wrapped[0])).size, 1)
  }),

  law("R2 what is destroyed is gone, and known to have been; what came after it stays", function*(rows) {
    yield* both(rows)
    yield* rows.keep([row(ada, "document/d1", 1, 1), row(ada, "document/d1", 2, 2), row(ada, "document/d2", 1, 3)])
    yield* rows.destroy({ owner: ada, stream: "document/d1", generation: 1 })
    assert.deepStrictEqual(told(yield* rows.ofOwner(ada)), [
      ["document/d1", 1, null],
      ["document/d1", 2, 2],
      ["document/d2", 1, 3]
    ])
    // Nobody brings it back.
    assert.deepStrictEqual(told(yield* rows.keep([row(ada, "document/d1", 1, 7)])), [["document/d1", 1, null]])
  }),

  law("R3 who left has no keys, and is not enrolled again", function*(rows) {
    assert.strictEqual((yield* rows.enroll(ada, bytes(1))).check?.[0], 1)
    assert.strictEqual((yield* rows.enroll(ada, bytes(2))).check?.[0], 1)
    yield* rows.enroll(bo, bytes(3))
    yield* rows.keep([row(ada, "document/d1", 1, 1), row(bo, "document/d1", 1, 3)])
    yield* rows.forget(ada)
    assert.deepStrictEqual(told(yield* rows.ofOwner(ada)), [])
    assert.deepStrictEqual(yield* rows.keep([row(ada, "document/d2", 1, 4)]), [null])
    assert.isNull((yield* rows.enroll(ada, bytes(1))).check)
    assert.deepStrictEqual(
      new Map((yield* rows.enrolments).map(({ check, owner }) => [owner, check?.[0] ?? null])),
      new Map([[ada, null], [bo, 3]])
    )
    assert.strictEqual((yield* rows.ofOwner(bo)).length, 1)
  }),

  law("R4 of two store keys that follow one, one does; under the one before nothing is kept any more", function*(rows) {
    yield* both(rows)
    yield* rows.keep([row(ada, "document/d1", 1, 1)])
    const replaced = yield* Effect.all(
      [5, 7].map((n) => rows.replace(next(2, n), [row(ada, "address", 1, n, 2)])),
      { concurrency: "unbounded" }
    )
    assert.sameMembers(replaced, [true, false])
    const { bridge, check, generation } = (yield* rows.enrolmentOf(ada))!
    const n = replaced[0] ? 5 : 7
    assert.deepStrictEqual([check?.[0], generation, bridge?.[0]], [n, 2, n + 1])
    assert.deepStrictEqual(told(yield* rows.ofStream(ada, "address")), [["address", 1, n]])
    assert.deepStrictEqual(told(yield* rows.keep([row(ada, "document/d2", 1, 2)])), [null])
    assert.deepStrictEqual(told(yield* rows.keep([row(ada, "document/d2", 1, 3, 2)])), [["document/d2", 1, 3]])
    // What is there is answered all the same, and others have their own.
    assert.deepStrictEqual(told(yield* rows.keep([row(ada, "document/d1", 1, 9)])), [["document/d1", 1, 1]])
    assert.deepStrictEqual(told(yield* rows.keep([row(bo, "document/d1", 1, 4)])), [["document/d1", 1, 4]])
    assert.isFalse(yield* rows.replace(next(2, 9), []))
    assert.isFalse(yield* rows.replace({ ...next(2, 9), owner: "did:key:zNobody" }, []))
  }),

  law("R4 what lies behind comes in pages, goes over once, and is told when it is all over", function*(rows) {
    yield* both(rows)
    yield* rows.keep([1, 2, 3].map((n) => row(ada, `document/d${n}`, 1, n)))
    yield* rows.keep([row(ada, "document/d1", 2, 4), row(bo, "document/d1", 1, 5)])
    yield* rows.destroy({ owner: ada, stream: "document/d3", generation: 1 })
    yield* rows.replace(next(2, 5), [row(ada, "address", 1, 6, 2)])
    assert.isFalse(yield* rows.finish(ada, 2))
    assert.strictEqual(yield* rows.countBehind(ada, 2), 3)
    const asked = { owner: ada, under: 2, max: 2 }
    const page = yield* rows.behind({ ...asked, after: start })
    assert.deepStrictEqual(page.map(({ generation, stream }) => [stream, generation]), [
      ["document/d1", 1],
      ["document/d1", 2]
    ])
    const rest = yield* rows.behind({ ...asked, after: page.at(-1)! })
    assert.deepStrictEqual(rest.map(({ generation, stream }) => [stream, generation]), [["document/d2", 1]])
    yield* rows.destroy({ owner: ada, stream: "document/d1", generation: 1 })
    const anew = [...page, ...rest].map(({ generation, stream }) => row(ada, stream, generation, 8, 2))
    assert.deepStrictEqual(told(yield* rows.rewrap(anew)), [["document/d1", 2, 8], ["document/d2", 1, 8]])
    assert.deepStrictEqual(yield* rows.rewrap(anew.map((one) => ({ ...one, wrapped: bytes(9) }))), [])
    assert.deepStrictEqual(told(yield* rows.ofStream(ada, "document/d1")), [["document/d1", 1, null], [
      "document/d1",
      2,
      8
    ]])
    assert.isFalse(yield* rows.finish(ada, 3))
    assert.isTrue(yield* rows.finish(ada, 2))
    assert.isNull((yield* rows.enrolmentOf(ada))!.bridge)
    assert.strictEqual((yield* rows.ofOwner(bo))[0]!.under, 1)
  })
]
