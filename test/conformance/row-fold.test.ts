/** Folding the operations of a batch leaves the same rows as doing them one by one. */
import type { Op } from "@vivim/projection/RegistryView"
import * as RowFold from "@vivim/projection/RowFold"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { anyOp, perform, performStep, plain, type Rows, tables } from "./RowModel.ts"

const batches = FastCheck.array(FastCheck.array(anyOp, { maxLength: 20, size: "max" }), { maxLength: 3, size: "max" })

const oneByOne = (batches: ReadonlyArray<ReadonlyArray<Op>>): Rows => {
  const rows: Rows = new Map(Object.keys(tables).map((table) => [table, new Map()]))
  for (const op of batches.flat()) perform(rows, op)
  return rows
}

const folded = (batches: ReadonlyArray<ReadonlyArray<Op>>, fold = RowFold.fold): Rows => {
  const rows: Rows = new Map(Object.keys(tables).map((table) => [table, new Map()]))
  for (const batch of batches) for (const step of fold(tables, batch)) performStep(rows, step)
  return rows
}

describe("RowFold", () => {
  it("F1 folding and then applying leaves the same rows as applying one by one", () =>
    FastCheck.assert(
      FastCheck.property(
        batches,
        (batches) => assert.deepStrictEqual(plain(folded(batches)), plain(oneByOne(batches)))
      ),
      { numRuns: 1_000 }
    ))

  it("F1 a row that is patched, and put when it is not there, keeps nothing of the patch", () => {
    const patched: Op = { op: "patch", table: "pot", key: { pot: "green" }, row: { leaf: "sencha" } }
    const put: Op = { op: "put", table: "pot", row: { pot: "green", hot: true } }
    assert.deepStrictEqual(plain(folded([[patched, put]])), plain(oneByOne([[patched, put]])))
  })

  it("F1 many operations on one row leave one", () => {
    const ops: ReadonlyArray<Op> = Array.from({ length: 100 }, (_, n) => ({
      op: n % 2 === 0 ? "put" : "patch",
      table: "pot",
      key: { pot: "green" },
      row: n % 2 === 0 ? { pot: "green", leaf: String(n) } : { hot: n % 3 === 0 }
    } as Op))
    const steps = RowFold.fold(tables, ops)
    assert.deepStrictEqual(steps, [
      { _tag: "rows", table: "pot", folded: { put: [{ pot: "green", leaf: "98", hot: true }], patch: [], drop: [] } }
    ])
  })

  it("a witness: a fold that loses the order is found out", () => {
    const careless: typeof RowFold.fold = (tables, ops) => RowFold.fold(tables, [...ops].toReversed())
    assert.throws(() =>
      FastCheck.assert(
        FastCheck.property(batches, (batches) =>
          assert.deepStrictEqual(plain(folded(batches, careless)), plain(oneByOne(batches))))
      )
    )
  })
})
