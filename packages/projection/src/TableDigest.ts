/** Compares users' files of a view, table by table: the number of rows, and a digest over all of them in a fixed order. */
import type { Database } from "@vivim/user-database/Database"
import type { UserDatabases } from "@vivim/user-database/UserDatabases"
import type { UserView } from "@vivim/user-database/UserView"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import type { Compared } from "./View.ts"

type Files = Context.Tag.Service<UserDatabases>
type Digests = Map<string, { readonly rows: number; readonly digest: string }>

/** Every ordinary table of the view; full-text indexes are asked through their own tables' rows. What a file says of itself is no row. */
const digests = (db: Database): Digests => {
  const tables = db.values<string>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite_%'
     AND name NOT IN ('meta', 'checkpoint')
     AND name NOT IN (SELECT v.name || s.suffix FROM sqlite_master v, (SELECT '_data' AS suffix UNION SELECT '_idx'
       UNION SELECT '_docsize' UNION SELECT '_config' UNION SELECT '_content') s WHERE v.sql LIKE 'CREATE VIRTUAL%')
     ORDER BY name`
  )
  return new Map(tables.map((table) => [table, digest(db, table)]))
}

const digest = (db: Database, table: string) => {
  const columns = db.values<string>("SELECT name FROM pragma_table_info(?) ORDER BY name", table)
    .map((column) => `quote("${column}")`).join(" || ',' || ")
  const hash = createHash("sha256")
  let rows = 0
  for (const { row } of db.each<{ readonly row: string }>(`SELECT ${columns} AS row FROM "${table}" ORDER BY 1`)) {
    hash.update(`${row}\n`)
    rows++
  }
  return { rows, digest: hash.digest("hex") }
}

const none: Digests = new Map()
const locked: Digests = new Map()

/** Both sets of files must have taken the log up to the same position. */
export const compare = Effect.fnUntraced(function*(view: UserView, serving: Files, other: Files) {
  const everyone = new Set([...(yield* serving.list), ...(yield* other.list)])
  const differences: Array<string> = []
  let rows = 0
  for (const did of everyone) {
    const read = (files: Files) =>
      files.read(did, view, digests).pipe(
        Effect.catchTags({ NoSuchUser: () => Effect.succeed(none), UserLocked: () => Effect.succeed(locked) }),
        // A file that cannot be read differs from every other.
        Effect.catchTags({ UserDatabaseError: () => Effect.succeed(null), ViewNotBuilt: () => Effect.succeed(null) })
      )
    const [now, again] = [yield* read(serving), yield* read(other)]
    // Whose keys are not here has nothing that could be compared.
    if (now === locked || again === locked) continue
    if (now === null || again === null) {
      differences.push(`${did}: the file that ${now === null ? "serves" : "was rebuilt"} cannot be read`)
      continue
    }
    for (const table of new Set([...now.keys(), ...again.keys()])) {
      const [a, b] = [now.get(table), again.get(table)]
      rows += a?.rows ?? 0
      if (a?.digest !== b?.digest) {
        differences.push(`${did} ${table}: ${a?.rows ?? "no"} rows serving, ${b?.rows ?? "no"} rebuilt`)
      }
    }
  }
  return { rows, differences } satisfies Compared
})
