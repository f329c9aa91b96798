/**
 * What users show who they are with beside their devices' keys, in a backup: authenticators, sealed as they lie, and digests of recovery
 * codes. Without them a node that is made again would ask nobody for a second factor. Sessions stay out: everybody signs in anew.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { byteaArray, int8Array, textArray } from "@vivim/event-store/PostgresArrays"
import type { Restoring } from "@vivim/event-store/PostgresRestore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { BackupRecord } from "./BackupFormat.ts"

type Means = Extract<BackupRecord, { readonly kind: "means" }>
type RecoveryCode = Extract<BackupRecord, { readonly kind: "recoveryCode" }>

/** Rows of one page. */
const pageRows = 1_000

export const records: Stream.Stream<ReadonlyArray<BackupRecord>, SqlError, SqlClient.SqlClient> = Stream.unwrap(
  Effect.map(SqlClient.SqlClient, (sql) => {
    // Those that do not count yet are begun anew.
    const means = sql<Omit<Means, "kind">>`
      SELECT means_id AS "meansId", user_id AS "userId", means, secret, name, added_at::float8 AS "addedAt",
        coalesce(used_at, 0)::float8 AS "usedAt", step::float8 AS step, coalesce(reference, '') AS reference
      FROM user_means WHERE counts ORDER BY means_id`.stream
    const codes = sql<Omit<RecoveryCode, "kind">>`
      SELECT user_id AS "userId", hash FROM user_recovery_code ORDER BY user_id, hash`.stream
    return Stream.concat(
      Stream.map(means, (row): BackupRecord => ({ kind: "means", ...row })),
      Stream.map(codes, (row): BackupRecord => ({ kind: "recoveryCode", ...row }))
    ).pipe(Stream.grouped(pageRows), Stream.map((page) => [...page]))
  })
)

/** Puts them back, in the transaction of a restore. */
export const keeper = ({ ask }: Restoring) => (all: ReadonlyArray<BackupRecord>) =>
  Effect.suspend(() => {
    const means = all.filter((record): record is Means => record.kind === "means")
    const codes = all.filter((record): record is RecoveryCode => record.kind === "recoveryCode")
    return Effect.zipRight(
      means.length === 0 ? Effect.void : ask({
        name: "restore means",
        text:
          `insert into user_means (means_id, user_id, means, secret, name, added_at, used_at, step, reference, counts)
          select id, user_id, means, secret, name, added_at, nullif(used_at, 0), step, nullif(reference, ''), true
          from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[])
            as given (id, user_id, means, secret, name, added_at, used_at, step, reference)`,
        values: [
          textArray(means, ({ meansId }) => meansId),
          textArray(means, ({ userId }) => userId),
          textArray(means, ({ means }) => means),
          byteaArray(means, ({ secret }) => secret),
          byteaArray(means, ({ name }) => name),
          int8Array(means, ({ addedAt }) => addedAt),
          int8Array(means, ({ usedAt }) => usedAt),
          int8Array(means, ({ step }) => step),
          textArray(means, ({ reference }) => reference)
        ]
      }),
      codes.length === 0 ? Effect.void : ask({
        name: "restore recovery codes",
        text: "insert into user_recovery_code (user_id, hash) select * from unnest($1::text[], $2::bytea[])",
        values: [textArray(codes, ({ userId }) => userId), byteaArray(codes, ({ hash }) => hash)]
      })
    )
  })
