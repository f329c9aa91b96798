/** What is true of the place where wrapped keys lie, wherever that is. */
import type { VaultRows } from "@vivim/crypto/vault/VaultRows"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { type Law, law as lawOf } from "./Law.ts"

export type Rows = VaultRows["Type"]

const law = lawOf<Rows>
const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const
const bytes = (n: number) => Buffer.alloc(60, n)
const row = (owner: string, stream: string, generation: number, n: number | null) => ({
  owner,
  stream,
  generation,
  wrapped: n === null ? null : bytes(n)
})
const told = (rows: ReadonlyArray<{ stream: string; generation: number; wrapped: Uint8Array | null }>) =>
  rows.map(({ generation, stream, wrapped }) => [stream, generation, wrapped?.[0] ?? null]).toSorted()

export const vaultRowsLaws: ReadonlyArray<Law<Rows>> = [
  law("R1 what was kept is there, by owner and by stream; the first one stays", function*(rows) {
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
    const told = yield* Effect.all(
      Array.from({ length: 8 }, (_, n) => rows.keep([row(ada, "content/c", 1, n + 1), row(ada, `content/${n}`, 1, n)])),
      { concurrency: "unbounded" }
    )
    assert.strictEqual(new Set(told.map(([first]: any) => first.wrapped[0])).size, 1)
  }),

  law("R2 what is destroyed is gone, and known to have been; what came after it stays", function*(rows) {
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
    assert.isNull((yield* rows.enroll(ada, bytes(1))).check)
    assert.deepStrictEqual(
      new Map((yield* rows.enrolments).map(({ check, owner }) => [owner, check?.[0] ?? null])),
      new Map([[ada, null], [bo, 3]])
    )
    assert.strictEqual((yield* rows.ofOwner(bo)).length, 1)
  })
]
