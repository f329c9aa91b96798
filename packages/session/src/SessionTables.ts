/**
 * What the node's PostgreSQL keeps of sessions: who holds which, until when, and what was used up. No token lies here, and nothing private:
 * where a session was opened is sealed in the event that tells of it.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlVaultVacuum from "@vivim/crypto/vault/SqlVaultVacuum"
import type { DeviceId, Did, Handle } from "@vivim/event-schemas/ids"
import { factors, type Means, type SessionId } from "@vivim/event-schemas/session/Means"
import * as Effect from "effect/Effect"

type Sql = SqlClient.SqlClient

/** Makes the tables. Safe when several processes start at once. */
export const migrate = (sql: Sql) =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7307, 0)`
    yield* SqlVaultVacuum.migrate(sql)
    yield* sql`
      CREATE TABLE IF NOT EXISTS user_session (
        session_id text COLLATE "C" PRIMARY KEY, user_id text COLLATE "C" NOT NULL, handle text NOT NULL, device_id text COLLATE "C",
        jkt text COLLATE "C" NOT NULL, means text NOT NULL, salt bytea NOT NULL, number integer NOT NULL DEFAULT 0,
        rotated_at bigint NOT NULL, opened_at bigint NOT NULL, seen_at bigint NOT NULL,
        shown_at bigint NOT NULL, factor_at bigint, expires_at bigint NOT NULL, ends_at bigint NOT NULL, ended_at bigint
      )`
    yield* sql`ALTER TABLE user_session ADD COLUMN IF NOT EXISTS means_id text COLLATE "C"`
    yield* sql`CREATE INDEX IF NOT EXISTS user_session_open ON user_session (user_id, device_id) WHERE ended_at IS NULL`
    yield* sql`CREATE INDEX IF NOT EXISTS user_session_expiry ON user_session (expires_at)`
    yield* sql`
      CREATE TABLE IF NOT EXISTS session_spent (what text COLLATE "C" PRIMARY KEY, until bigint NOT NULL)`
    yield* sql`CREATE INDEX IF NOT EXISTS session_spent_until ON session_spent (until)`
    yield* sql`
      CREATE TABLE IF NOT EXISTS user_means (
        means_id text COLLATE "C" PRIMARY KEY, user_id text COLLATE "C" NOT NULL, means text NOT NULL, secret bytea NOT NULL,
        name bytea NOT NULL, added_at bigint NOT NULL, used_at bigint, counts boolean NOT NULL, step bigint NOT NULL DEFAULT 0,
        reference text COLLATE "C"
      )`
    yield* sql`CREATE INDEX IF NOT EXISTS user_means_user ON user_means (user_id)`
    yield* sql`CREATE UNIQUE INDEX IF NOT EXISTS user_means_reference ON user_means (reference) WHERE reference IS NOT NULL`
    yield* sql`
      CREATE TABLE IF NOT EXISTS user_recovery_code (
        user_id text COLLATE "C" NOT NULL, hash bytea NOT NULL, PRIMARY KEY (user_id, hash)
      )`
  }))

export interface SessionRow {
  readonly session_id: SessionId
  readonly user_id: Did
  readonly handle: Handle
  readonly device_id: DeviceId | null
  readonly jkt: string
  readonly means: Means
  /** Of the user's means, the one that opened it; null where it was a device's key. */
  readonly means_id: string | null
  readonly salt: Uint8Array
  readonly number: number
  readonly rotated_at: string
  readonly opened_at: string
  readonly seen_at: string
  /** When its user last showed who they are, by a device's key or whatever opened it; and when by a second factor. */
  readonly shown_at: string
  readonly factor_at: string | null
  /** When it ends unless it is refreshed, and when in any case. */
  readonly expires_at: string
  readonly ends_at: string
  readonly ended_at: string | null
}

/** Uses something up: true for the first who does, of all processes. */
export const spend = (sql: Sql, what: string, until: number) =>
  Effect.map(
    sql`INSERT INTO session_spent (what, until) VALUES (${what}, ${until}) ON CONFLICT DO NOTHING RETURNING what`,
    (rows) => rows.length === 1
  )

/** Forgets by what a user showed who they are: they left. */
export const forget = (sql: Sql, userId: Did) =>
  Effect.all([
    sql`WITH ${SqlVaultVacuum.due(sql, "user_means")} DELETE FROM user_means WHERE user_id = ${userId}`,
    sql`DELETE FROM user_recovery_code WHERE user_id = ${userId}`
  ], { discard: true })

/** Recovery codes go once nothing is left that could be lost. */
export const dropSpareCodes = (sql: Sql, userId: Did) =>
  sql`
    DELETE FROM user_recovery_code WHERE user_id = ${userId} AND NOT EXISTS (
      SELECT FROM user_means WHERE user_id = ${userId} AND counts AND ${sql.in("means", factors)})`

/** Clears away what nobody will ask for: what is spent could not be used again in any case. */
export const clear = (sql: Sql, now: number, keptMs: number) =>
  Effect.all([
    sql`DELETE FROM session_spent WHERE until < ${now}`,
    sql`DELETE FROM user_session WHERE expires_at < ${now} OR ended_at < ${now - keptMs}`,
    sql`DELETE FROM user_means WHERE NOT counts AND added_at < ${now - keptMs}`
  ], { discard: true })

/** Of a DID that is one key, the id of the device that key is. */
const keyOf = (userId: Did) => /^did:key:(z6Mk[1-9A-HJ-NP-Za-km-z]+)$/.exec(userId)?.[1] ?? null

/** The account's handle, if it is there and the device may act for it: one statement, whether it finds something or not. */
export const accountOf = (sql: Sql, userId: Did, deviceId: string) =>
  Effect.map(
    sql<{ readonly handle: Handle; readonly may: boolean }>`
      SELECT a.handle, (d.device_id IS NOT NULL AND d.revoked_at IS NULL) AS may FROM registry.user_account a
      LEFT JOIN registry.user_device d ON d.user_id = a.user_id AND d.device_id = ${deviceId}
      WHERE a.user_id = ${userId} AND a.closed IS NOT TRUE`,
    ([row]) => row !== undefined && (row.may || keyOf(userId) === deviceId) ? row.handle : null
  )

/** The account's handle, if it is there: for who has shown that they are its user without a device. */
export const handleOf = (sql: Sql, userId: Did) =>
  Effect.map(
    sql<{ readonly handle: Handle }>`
      SELECT handle FROM registry.user_account WHERE user_id = ${userId} AND closed IS NOT TRUE`,
    ([row]) => row?.handle ?? null
  )

/** A session as it stands now, and whether its user, device, means or time has gone from under it. */
export const load = (sql: Sql, sessionId: string) =>
  Effect.map(
    sql<
      SessionRow & {
        readonly gone: boolean
        readonly meansless: boolean
        readonly factors: ReadonlyArray<Means> | null
      }
    >`
      SELECT s.*, (a.user_id IS NULL OR a.closed IS TRUE OR d.revoked_at IS NOT NULL) AS gone,
        (s.means_id IS NOT NULL AND NOT EXISTS (SELECT FROM user_means m WHERE m.means_id = s.means_id AND m.counts)) AS meansless,
        (SELECT array_agg(DISTINCT m.means) FROM user_means m WHERE m.user_id = s.user_id AND m.counts) AS factors
      FROM user_session s LEFT JOIN registry.user_account a ON a.user_id = s.user_id
      LEFT JOIN registry.user_device d ON d.user_id = s.user_id AND d.device_id = s.device_id
      WHERE s.session_id = ${sessionId}`,
    ([row]) => row ?? null
  )

/** Which of these users have an open session. */
export const signedIn = (sql: Sql, userIds: ReadonlyArray<string>, now: number) =>
  Effect.map(
    sql<{ readonly user_id: Did }>`
      SELECT DISTINCT s.user_id FROM user_session s
      LEFT JOIN registry.user_device d ON d.user_id = s.user_id AND d.device_id = s.device_id
      WHERE ${sql.in("s.user_id", userIds)} AND s.ended_at IS NULL AND s.expires_at > ${now} AND d.revoked_at IS NULL`,
    (rows) => new Set<string>(rows.map(({ user_id }) => user_id))
  )

/** Ends sessions, and answers those that were open. */
export const end = (
  sql: Sql,
  which: {
    readonly userId: Did
    readonly sessionId?: string
    readonly deviceId?: string
    readonly meansId?: string
    readonly except?: string | null
  },
  now: number
) =>
  Effect.map(
    sql<{ readonly session_id: SessionId }>`
      UPDATE user_session SET ended_at = ${now}
      WHERE user_id = ${which.userId} AND ended_at IS NULL AND expires_at > ${now}
        AND (${which.sessionId ?? null}::text IS NULL OR session_id = ${which.sessionId ?? null})
        AND (${which.deviceId ?? null}::text IS NULL OR device_id = ${which.deviceId ?? null})
        AND (${which.meansId ?? null}::text IS NULL OR means_id = ${which.meansId ?? null})
        AND session_id IS DISTINCT FROM ${which.except ?? null}
      RETURNING session_id`,
    (rows) => rows.map(({ session_id }) => session_id)
  )
