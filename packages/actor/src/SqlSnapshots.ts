/** Snapshots in the node's PostgreSQL: one row per stream. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Snapshot, Snapshots, SnapshotsError } from "./Snapshots.ts"

interface Row {
  readonly version: string
  readonly position: string
  readonly schema_version: number
  readonly hash: Uint8Array
  readonly state: Uint8Array
}

export const layer: Layer.Layer<Snapshots, SnapshotsError, SqlClient.SqlClient> = Layer.effect(
  Snapshots,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* Effect.zipRight(
      // Several processes may start at once: "if not exists" alone lets two of them try.
      sql`SELECT pg_advisory_xact_lock(7302, 2)`,
      sql`
        CREATE TABLE IF NOT EXISTS snapshot (
          stream text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL,
          schema_version integer NOT NULL, hash bytea NOT NULL, state bytea NOT NULL
        )`
    ).pipe(sql.withTransaction)
    return Snapshots.of({
      load: Effect.fn("Snapshots.load")((stream) =>
        sql<Row>`SELECT version, position, schema_version, hash, state FROM snapshot WHERE stream = ${stream}`.pipe(
          Effect.map(([row]): Snapshot | null =>
            row === undefined ? null : {
              stream,
              version: Number(row.version),
              position: Number(row.position),
              schemaVersion: row.schema_version,
              hash: row.hash,
              state: row.state
            }
          ),
          Effect.mapError((cause) => new SnapshotsError({ cause }))
        )
      ),
      forget: (stream) =>
        sql`DELETE FROM snapshot WHERE stream = ${stream}`.pipe(
          Effect.asVoid,
          Effect.mapError((cause) => new SnapshotsError({ cause }))
        ),
      save: Effect.fn("Snapshots.save")(({ hash, position, schemaVersion, state, stream, version }) =>
        sql`
          INSERT INTO snapshot (stream, version, position, schema_version, hash, state)
          VALUES (${stream}, ${version}, ${position}, ${schemaVersion}, ${Buffer.from(hash)}, ${Buffer.from(state)})
          ON CONFLICT (stream) DO UPDATE SET version = excluded.version, position = excluded.position,
            schema_version = excluded.schema_version, hash = excluded.hash, state = excluded.state`.pipe(
          Effect.asVoid,
          Effect.mapError((cause) => new SnapshotsError({ cause }))
        )
      )
    })
  }).pipe(Effect.mapError((cause) => new SnapshotsError({ cause })))
)
