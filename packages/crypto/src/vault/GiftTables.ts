/** What one process gives another of unlocked vaults, sealed, and what stands of each vault: its newest locking, its last use. */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

type Sql = SqlClient.SqlClient

/** Drawn when an unlocking or a locking begins. */
export const drawTurn = (sql: Sql) =>
  Effect.map(sql<{ readonly n: string }>`SELECT nextval('vault_turn') AS n`, ([row]) => Number(row!.n))

export const give = (sql: Sql, process: string, gift: Uint8Array) =>
  sql`INSERT INTO vault_gift (process, gift) VALUES (${process}, ${Buffer.from(gift)})`

export const collect = (sql: Sql, process: string) =>
  sql<{ readonly gift: Uint8Array }>`DELETE FROM vault_gift WHERE process = ${process} RETURNING gift`

/** A locking of this number; an older one changes nothing. */
export const lock = (sql: Sql, owner: string, number: number) =>
  sql`
    INSERT INTO vault_lock (owner, locked) VALUES (${owner}, ${number})
    ON CONFLICT (owner) DO UPDATE SET locked = greatest(vault_lock.locked, ${number}), used = NULL`

export interface LockRow {
  readonly owner: string
  readonly locked: string
  readonly used: Uint8Array | null
}

export const locks = (sql: Sql, owners: ReadonlyArray<string>) =>
  sql.unsafe<LockRow>("SELECT owner, locked, used FROM vault_lock WHERE owner = ANY($1::text[])", [owners] as never)

export const allLocks = (sql: Sql) => sql<LockRow>`SELECT owner, locked, NULL AS used FROM vault_lock`

export const use = (sql: Sql, owner: string, used: Uint8Array) =>
  sql`
    INSERT INTO vault_lock (owner, used) VALUES (${owner}, ${Buffer.from(used)})
    ON CONFLICT (owner) DO UPDATE SET used = excluded.used`
