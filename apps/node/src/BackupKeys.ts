/** Users' vaults and their data keys in a backup: wrapped as they lie, and put back so. Nobody opens them without a store key. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as SqlVaultRows from "@vivim/crypto/vault/SqlVaultRows"
import type { Enrolment, KeyRow } from "@vivim/crypto/vault/VaultRows"
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

/** What is the case with nearly everybody is not said. */
const vaultOf = ({ bridge, check, generation, owner }: Enrolment): BackupRecord => ({
  ...{ kind: "vault", owner, check: check ?? nothing },
  ...generation === 1 ? {} : { generation },
  ...bridge === null ? {} : { bridge }
})
const keyOf = ({ generation, owner, stream, under, wrapped }: KeyRow): BackupRecord => ({
  ...{ kind: "key", owner, stream, generation, wrapped: wrapped ?? nothing },
  ...under === 1 ? {} : { under }
})

/**
 * Keys first. Whose store key is replaced meanwhile keeps the bridge until they are read: so the vault, read after them, opens every one,
 * whichever of the two it lies under.
 */
export const records: Stream.Stream<ReadonlyArray<BackupRecord>, SqlError, SqlClient.SqlClient> = Stream.unwrap(
  Effect.map(SqlClient.SqlClient, (sql) => {
    const vaults = Effect.map(
      sql<Enrolment>`SELECT owner, check_value AS "check", generation, bridge FROM vault ORDER BY owner`,
      (rows): ReadonlyArray<BackupRecord> => rows.map(vaultOf)
    )
    const keys = Stream.paginateEffect(
      ["", "", 0] as readonly [string, string, number],
      ([owner, stream, generation]) =>
        Effect.map(
          sql<KeyRow>`SELECT * FROM data_key WHERE (owner, stream, generation) > (${owner}, ${stream}, ${generation})
          ORDER BY owner, stream, generation LIMIT ${pageMax}`,
          (rows) => {
            const last = rows.at(-1)
            const page = rows.map(keyOf)
            return [
              page,
              last === undefined || rows.length < pageMax
                ? Option.none()
                : Option.some([last.owner, last.stream, last.generation] as const)
            ]
          }
        )
    )
    return Stream.unwrapScoped(Effect.as(SqlVaultRows.keepBridges, Stream.concat(keys, Stream.fromEffect(vaults))))
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
        text: `insert into vault (owner, check_value, generation, bridge)
          select owner, nullif(v, ''), generation, nullif(bridge, '')
          from unnest($1::text[], $2::bytea[], $3::int[], $4::bytea[]) as given (owner, v, generation, bridge)`,
        values: [
          textArray(vaults, ({ owner }) => owner),
          byteaArray(vaults, ({ check }) => check),
          int4Array(vaults, ({ generation = 1 }) => generation),
          byteaArray(vaults, ({ bridge = nothing }) => bridge)
        ]
      }),
      keys.length === 0 ? Effect.void : ask({
        name: "restore keys",
        text: `insert into data_key (owner, stream, generation, wrapped, under)
          select owner, stream, generation, nullif(wrapped, ''), under
          from unnest($1::text[], $2::text[], $3::int[], $4::bytea[], $5::int[])
            as given (owner, stream, generation, wrapped, under)`,
        values: [
          textArray(keys, ({ owner }) => owner),
          textArray(keys, ({ stream }) => stream),
          int4Array(keys, ({ generation }) => generation),
          byteaArray(keys, ({ wrapped }) => wrapped),
          int4Array(keys, ({ under = 1 }) => under)
        ]
      })
    )
  })
