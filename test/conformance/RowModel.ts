/** Rows as plainly as they can be said: operations done one by one, to be held against what folds them. */
import type { Op, Row, Table } from "@vivim/projection/RegistryView"
import type { Step } from "@vivim/projection/RowFold"
import * as FastCheck from "effect/FastCheck"

/** Two tables: one with a key of two columns, so that there is something under the first; one with a key of one. */
export const tables: Readonly<Record<string, Table>> = {
  cup: { key: ["pot", "n"], columns: { pot: "text", n: "bigint", size: "integer", note: "text" }, indexes: [["pot"]] },
  pot: { key: ["pot"], columns: { pot: "text", leaf: "text", hot: "boolean", names: "text[]" } }
}

/** Rows by table and key; every column is there. */
export type Rows = Map<string, Map<string, Row>>

const keyOf = (table: string, row: Row) => JSON.stringify(tables[table]!.key.map((column) => row[column]))
const isUnder = (row: Row, key: Row) => Object.entries(key).every(([column, value]) => row[column] === value)
const none = (table: string): Row =>
  Object.fromEntries(Object.keys(tables[table]!.columns).map((column) => [column, null]))

/** One operation, as `RegistryView` says it. */
export const perform = (rows: Rows, op: Op): void => {
  const table = rows.get(op.table) ?? new Map<string, Row>()
  rows.set(op.table, table)
  if (op.op === "drop") {
    for (const [key, row] of table) if (isUnder(row, op.key)) table.delete(key)
    return
  }
  const key = keyOf(op.table, op.op === "put" ? op.row : op.key)
  const before = table.get(key)
  if (op.op === "put") table.set(key, { ...before ?? none(op.table), ...op.row })
  else if (before !== undefined) table.set(key, { ...before, ...op.row })
}

/** What is left of a batch when it was folded. Within a step nothing may depend on the order. */
export const performStep = (rows: Rows, step: Step): void => {
  const { table } = step
  if (step._tag === "dropUnder") return perform(rows, { op: "drop", table, key: step.key })
  for (const key of step.folded.drop) perform(rows, { op: "drop", table, key })
  for (const { key, row } of step.folded.patch) perform(rows, { op: "patch", table, key, row })
  for (const row of step.folded.put) perform(rows, { op: "put", table, row })
}

export const plain = (rows: Rows): unknown =>
  Object.fromEntries(
    [...rows].map(([table, its]) => [table, Object.fromEntries([...its].toSorted(([a], [b]) => a < b ? -1 : 1))])
  )

const maybe = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined, freq: 2 })
const given = (row: object): Row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
const pot = FastCheck.constantFrom("green", "bl\"ack", "O'lóng 🍵")
const n = FastCheck.nat(2)
const text = FastCheck.constantFrom(null, "", "a", "a\\b\n{\"x\":1}")

const cup = FastCheck.record({ size: maybe(FastCheck.nat(9)), note: maybe(text) }).map(given)
const leaf = FastCheck.record({
  leaf: maybe(text),
  hot: maybe(FastCheck.boolean()),
  names: maybe(FastCheck.array(FastCheck.constantFrom("x", "y,z", "\"q\""), { maxLength: 2 }))
}).map(given)

/** Any operation on few rows. */
export const anyOp: FastCheck.Arbitrary<Op> = FastCheck.oneof(
  FastCheck.record({ pot, n, row: cup }).map(({ n, pot, row }): Op => ({
    op: "put",
    table: "cup",
    row: { pot, n, ...row }
  })),
  FastCheck.record({ pot, n, row: cup }).map(({ n, pot, row }): Op => ({
    op: "patch",
    table: "cup",
    key: { pot, n },
    row
  })),
  FastCheck.record({ pot, n }).map((key): Op => ({ op: "drop", table: "cup", key })),
  FastCheck.record({ pot }).map((key): Op => ({ op: "drop", table: "cup", key })),
  FastCheck.record({ pot, row: leaf }).map(({ pot, row }): Op => ({ op: "put", table: "pot", row: { pot, ...row } })),
  FastCheck.record({ pot, row: leaf }).map(({ pot, row }): Op => ({ op: "patch", table: "pot", key: { pot }, row })),
  FastCheck.record({ pot }).map((key): Op => ({ op: "drop", table: "pot", key }))
)
