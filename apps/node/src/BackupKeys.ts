/** Users' vaults and their data keys in a backup: wrapped as they lie, and put back so. Nobody opens them without a store key. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { byteaArray, int4Array, textArray } from "@vivim/event-store/PostgresArrays"
import type { Restoring } from "@vivim/event-store/PostgresRestore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { BackupRecord } from "./BackupFormat.ts"

type Vault = Extract<BackupRecord, { readonly kind: "vault" }>
type Key = Extract<BackupRecord, { readonly kind: "key" }>

/** Keys read at once. */
const pageMax = 2_000

/** Rows without a value say that there was one. */
const nothing = Buffer.alloc(0)

interface Row {
  readonly owner: string
  readonly stream: string
  readonly generation: number
  readonly wrapped: Uint8Array | null
}

export const records: Stream.Stream<ReadonlyArray<BackupRecord>, SqlError, SqlClient.SqlClient> = Stream.unwrap(
  Effect.map(SqlClient.SqlClient, (sql) => {
    const vaults = Effect.map(
      sql<{ readonly owner: string; readonly check: Uint8Array | null }>`
        SELECT owner, check_value AS "check" FROM vault ORDER BY owner`,
      (rows): ReadonlyArray<BackupRecord> =>
        rows.map(({ check, owner }) => ({ kind: "vault", owner, check: check ?? nothing }))
    )
    const keys = Stream.paginateEffect(
      ["", "", 0] as readonly [string, string, number],
      ([owner, stream, generation]) =>
        Effect.map(
          sql<Row>`SELECT * FROM data_key WHERE (owner, stream, generation) > (${owner}, ${stream}, ${generation})
          ORDER BY owner, stream, generation LIMIT ${pageMax}`,
          (rows) => {
            const last = rows.at(-1)
            const page = rows.map((row): BackupRecord => ({ kind: "key", ...row, wrapped: row.wrapped ?? nothing }))
            return [
              page,
              last === undefined || rows.length < pageMax
                ? Option.none()
                : Option.some([last.owner, last.stream, last.generation] as const)
            ]
          }
        )
    )
    return Stream.concat(Stream.fromEffect(vaults), keys)
  })
)

/** Puts them back, in the transaction of a restore. */
export const keeper = ({ ask }: Restoring) => (all: ReadonlyArray<BackupRecord>) =>
  Effect.suspend(() => {
    const vaults = all.filter((record): record is Vault => record.kind === "vault")
    const keys = all.filter((record): record is Key => record.kind === "key")
    return Effect.zipRight(
      vaults.length === 0 ? Effect.void : ask({
        name: "restore vaults",
        text: "insert into vault select owner, nullif(v, '') from unnest($1::text[], $2::bytea[]) as given (owner, v)",
        values: [textArray(vaults, ({ owner }) => owner), byteaArray(vaults, ({ check }) => check)]
      }),
      keys.length === 0 ? Effect.void : ask({
        name: "restore keys",
        text: `insert into data_key select owner, stream, generation, nullif(wrapped, '')
          from unnest($1::text[], $2::text[], $3::int[], $4::bytea[]) as given (owner, stream, generation, wrapped)`,
        values: [
          textArray(keys, ({ owner }) => owner),
          textArray(keys, ({ stream }) => stream),
          int4Array(keys, ({ generation }) => generation),
          byteaArray(keys, ({ wrapped }) => wrapped)
        ]
      })
    )
  })
