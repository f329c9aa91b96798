/**
 * Folds the row operations of a batch: many events on one row leave one operation.
 *
 * F1  Folding and then applying leaves the same rows as applying one by one.
 */
import type { Op, Row, Table } from "./RegistryView.ts"

/** What is left to do to one table: rows to put, rows to patch if they are there, rows to drop. */
export interface Folded {
  readonly put: ReadonlyArray<Row>
  readonly patch: ReadonlyArray<{ readonly key: Row; readonly row: Row }>
  readonly drop: ReadonlyArray<Row>
}

type Pending =
  | { readonly _tag: "put"; readonly row: Row }
  | { readonly _tag: "patch"; readonly key: Row; readonly row: Row }
  | { readonly _tag: "drop"; readonly key: Row }

const keyOf = (table: Table, row: Row) => JSON.stringify(table.key.map((column) => row[column]))
const pick = (table: Table, row: Row): Row => Object.fromEntries(table.key.map((column) => [column, row[column]]))

const next = (table: Table, before: Pending | undefined, op: Op): Pending => {
  switch (op.op) {
    case "put":
      return { _tag: "put", row: before?._tag === "put" ? { ...before.row, ...op.row } : op.row }
    case "drop":
      return { _tag: "drop", key: op.key }
    case "patch": {
      if (before?._tag === "put") return { _tag: "put", row: { ...before.row, ...op.row } }
      // A patch of a row that is gone changes nothing.
      if (before?._tag === "drop") return before
      return { _tag: "patch", key: pick(table, op.key), row: { ...before?.row, ...op.row } }
    }
  }
}

const isWhole = (table: Table, key: Row) => table.key.every((column) => column in key)

/** Splits a batch into steps to be run in order; a new one begins only where a drop or a patch must come first. */
export const fold = (tables: Readonly<Record<string, Table>>, ops: Iterable<Op>): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  let pending = new Map<string, Map<string, Pending>>()
  const flush = () => {
    for (const [name, rows] of pending) steps.push({ _tag: "rows", table: name, folded: settle(rows.values()) })
    pending = new Map()
  }
  for (const op of ops) {
    const table = tables[op.table]!
    if (op.op === "drop" && !isWhole(table, op.key)) {
      flush()
      steps.push({ _tag: "dropUnder", table: op.table, key: op.key })
      continue
    }
    const rows = pending.get(op.table) ?? new Map<string, Pending>()
    pending.set(op.table, rows)
    const key = keyOf(table, op.op === "put" ? op.row : op.key)
    const before = rows.get(key)
    // What a patch or a drop left undone to a row that is not there must not be done to the one put in its place.
    if (op.op === "put" && before !== undefined && before._tag !== "put") flush()
    const now = pending.get(op.table) ?? new Map<string, Pending>()
    pending.set(op.table, now)
    now.set(key, next(table, now.get(key), op))
  }
  flush()
  return steps
}

export type Step =
  | { readonly _tag: "rows"; readonly table: string; readonly folded: Folded }
  | { readonly _tag: "dropUnder"; readonly table: string; readonly key: Row }

const settle = (rows: Iterable<Pending>): Folded => {
  const folded = { put: [] as Array<Row>, patch: [] as Array<{ key: Row; row: Row }>, drop: [] as Array<Row> }
  for (const row of rows) {
    if (row._tag === "put") folded.put.push(row.row)
    else if (row._tag === "patch") folded.patch.push({ key: row.key, row: row.row })
    else folded.drop.push(row.key)
  }
  return folded
}
