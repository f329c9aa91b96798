/** The statements behind a registry view: generations of tables, and a folded batch written as one statement per table. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { RegistryView, Row, Table } from "./RegistryView.ts"
import type { Step } from "./RowFold.ts"

type Sql = SqlClient.SqlClient
const quote = (name: string) => `"${name.replaceAll("\"", "\"\"")}"`
const list = (names: ReadonlyArray<string>) => names.map(quote).join(", ")

/** The schema that holds one generation of a view's tables. */
export const schemaOf = (view: string, generation: number) => `registry_${view}_${generation}`
const at = (schema: string, table: string) => `${quote(schema)}.${quote(table)}`

/** Creates the tables of one generation. */
export const create = (sql: Sql, view: RegistryView<any>, schema: string) =>
  Effect.gen(function*() {
    yield* sql.unsafe(`CREATE SCHEMA ${quote(schema)}`)
    for (const [name, table] of Object.entries(view.tables)) {
      const columns = Object.entries(table.columns).map(([column, type]) => `${quote(column)} ${type}`).join(", ")
      yield* sql.unsafe(`CREATE TABLE ${at(schema, name)} (${columns}, PRIMARY KEY (${list(table.key)}))`)
      for (const index of table.indexes ?? []) yield* sql.unsafe(`CREATE INDEX ON ${at(schema, name)} (${list(index)})`)
    }
  })

/** Points the stable names in schema `registry` at one generation. */
export const expose = (sql: Sql, view: RegistryView<any>, schema: string) =>
  Effect.forEach(Object.keys(view.tables), (name) =>
    Effect.zipRight(
      sql.unsafe(`DROP VIEW IF EXISTS ${at("registry", name)}`),
      sql.unsafe(`CREATE VIEW ${at("registry", name)} AS SELECT * FROM ${at(schema, name)}`)
    ), { discard: true })

/** Keeps readers away from what a generation shows until the transaction ends: all of it in one go, or not at all. */
export const lock = (sql: Sql, schema: string) =>
  Effect.gen(function*() {
    const shown = yield* sql<{ readonly name: string }>`
      SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${schema} AND c.relkind = 'r' ORDER BY 1`
    const names = shown.map(({ name }) => at("registry", name)).join(", ")
    if (names !== "") yield* sql.unsafe(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`)
  })

export const dropSchema = (sql: Sql, schema: string) => sql.unsafe(`DROP SCHEMA IF EXISTS ${quote(schema)} CASCADE`)

const rowsFrom = (schema: string, table: string) => `json_populate_recordset(NULL::${at(schema, table)}, $1::json)`
const same = (table: Table) => table.key.map((column) => `t.${quote(column)} = v.${quote(column)}`).join(" AND ")

/** Rows with the same columns go together; columns that are not given keep what they had. */
const putRows = (sql: Sql, schema: string, name: string, table: Table, rows: ReadonlyArray<Row>) =>
  Effect.forEach(byColumns(rows), ([columns, group]) => {
    const rest = columns.filter((column) => !table.key.includes(column))
    const update = rest.length === 0
      ? "NOTHING"
      : `UPDATE SET ${rest.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(", ")}`
    return sql.unsafe(
      `INSERT INTO ${at(schema, name)} (${list(columns)}) SELECT ${list(columns)} FROM ${rowsFrom(schema, name)}
       ON CONFLICT (${list(table.key)}) DO ${update}`,
      [JSON.stringify(group)]
    )
  }, { discard: true })

const patchRows = (
  sql: Sql,
  schema: string,
  name: string,
  table: Table,
  patches: ReadonlyArray<{ readonly key: Row; readonly row: Row }>
) =>
  Effect.forEach(
    byColumns(patches.map(({ key, row }) => ({ ...key, ...row }))),
    ([columns, group]): Effect.Effect<unknown, SqlError> => {
      const set = columns.filter((column) => !table.key.includes(column))
        .map((column) => `${quote(column)} = v.${quote(column)}`).join(", ")
      if (set === "") return Effect.void
      return sql.unsafe(
        `UPDATE ${at(schema, name)} t SET ${set} FROM ${rowsFrom(schema, name)} v WHERE ${same(table)}`,
        [JSON.stringify(group)]
      )
    },
    { discard: true }
  )

const byColumns = (rows: ReadonlyArray<Row>) => {
  const groups = new Map<string, readonly [ReadonlyArray<string>, Array<Row>]>()
  for (const row of rows) {
    const columns = Object.keys(row).toSorted()
    const name = columns.join()
    const group = groups.get(name) ?? [columns, []]
    groups.set(name, group)
    group[1].push(row)
  }
  return groups.values()
}

/** Writes the steps of a folded batch, in order. */
export const write = (
  sql: Sql,
  view: RegistryView<any>,
  schema: string,
  steps: ReadonlyArray<Step>
): Effect.Effect<void, SqlError> =>
  Effect.forEach(steps, (step): Effect.Effect<unknown, SqlError> => {
    const table = view.tables[step.table]!
    if (step._tag === "dropUnder") {
      const columns = Object.keys(step.key)
      return sql.unsafe(
        `DELETE FROM ${at(schema, step.table)} WHERE ${
          columns.map((column, i) => `${quote(column)} = $${i + 1}`).join(" AND ")
        }`,
        columns.map((column) => step.key[column])
      )
    }
    const { drop, patch, put } = step.folded
    return Effect.all([
      put.length === 0 ? Effect.void : putRows(sql, schema, step.table, table, put),
      patch.length === 0 ? Effect.void : patchRows(sql, schema, step.table, table, patch),
      drop.length === 0 ? Effect.void : sql.unsafe(
        `DELETE FROM ${at(schema, step.table)} t USING ${rowsFrom(schema, step.table)} v WHERE ${same(table)}`,
        [JSON.stringify(drop)]
      )
    ], { discard: true })
  }, { discard: true })

/** How many rows a table has, and up to five that are in only one of the two generations. */
export const compare = (sql: Sql, name: string, one: string, other: string) =>
  Effect.gen(function*() {
    const [a, b] = [at(one, name), at(other, name)]
    const only = (from: string, without: string, where: string) =>
      sql.unsafe<{ readonly row: string }>(
        `SELECT d::text AS row FROM (SELECT * FROM ${from} EXCEPT SELECT * FROM ${without}) d LIMIT 5`
      ).pipe(Effect.map((rows) => rows.map(({ row }) => `${name}: only in the ${where}: ${row}`)))
    const [count] = yield* sql.unsafe<{ readonly rows: string }>(`SELECT count(*) AS rows FROM ${a}`)
    const differences = [...(yield* only(a, b, "serving view")), ...(yield* only(b, a, "rebuilt view"))]
    return { rows: Number(count!.rows), differences }
  })
