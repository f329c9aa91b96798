/**
 * The tree and its heads in the node's PostgreSQL: a row per tile, a row per head, and one row that says how far the tree has grown.
 *
 * Q1  A tile that is full and a head that is kept can be neither changed nor removed by a slip: the database refuses it.
 *
 * A growth is one statement, so it is there or it is not, whatever is killed when.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { byteaArray, int4Array, int8Array } from "@vivim/event-store/PostgresArrays"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { AuditStore, AuditStoreError, type TreeHead } from "./AuditStore.ts"
import { hashBytes, widthOf } from "./Tile.ts"

const tables = `
create table if not exists audit_tree (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid(),
  size bigint not null
);
insert into audit_tree (size) values (0) on conflict do nothing;
create table if not exists audit_tile (
  level smallint, index bigint, hashes bytea not null, primary key (level, index)
);
alter table audit_tile alter column hashes set storage external;
create table if not exists audit_head (
  number bigint primary key, size bigint not null, root bytea not null, at bigint not null, note text not null
);
create or replace function audit_guard() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail only grows: % of table % is refused', lower(tg_op), tg_table_name
    using hint = 'Whoever lifts this guard will be found out by vivim audit.';
end $$;
create or replace trigger audit_head_guard before update or delete or truncate on audit_head
  for each statement execute function audit_guard();
create or replace trigger audit_tile_gone before delete or truncate on audit_tile
  for each statement execute function audit_guard();
create or replace trigger audit_tile_full before update on audit_tile
  for each row when (octet_length(old.hashes) >= ${widthOf * hashBytes}) execute function audit_guard();
`

interface TileRow {
  readonly level: number
  readonly index: string
  readonly hashes: Uint8Array
}

interface HeadRow {
  readonly number: string
  readonly size: string
  readonly root: Uint8Array
  readonly at: string
  readonly note: string
}

const failing = (doing: string) => Effect.mapError((cause: SqlError) => new AuditStoreError({ doing, cause }))

const headOf = ({ at, note, number, root, size }: HeadRow): TreeHead => ({
  number: Number(number),
  size: Number(size),
  root: new Uint8Array(root),
  at: Number(at),
  note
})

const migrate = (sql: SqlClient.SqlClient) =>
  sql.withTransaction(
    Effect.zipRight(sql`SELECT pg_advisory_xact_lock(7302, 2)`, sql.unsafe(tables))
  )

/** Two who would keep the same head: the key lets one of them. */
const isTaken = ({ cause }: SqlError): boolean => (cause as { readonly code?: unknown } | null)?.code === "23505"

const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* failing("make the tables of the audit")(migrate(sql))
  const [tree] = yield* failing("read the log's id")(sql<{ readonly id: string }>`SELECT id FROM audit_tree`)
  const oneHead = (doing: string, rows: Effect.Effect<ReadonlyArray<HeadRow>, SqlError>) =>
    failing(doing)(Effect.map(rows, ([row]) => row === undefined ? null : headOf(row)))
  return AuditStore.of({
    id: tree!.id,
    size: failing("read the tree's size")(
      Effect.map(sql<{ readonly size: string }>`SELECT size FROM audit_tree`, ([row]) => Number(row!.size))
    ),
    tiles: (wanted) =>
      failing("read tiles")(Effect.map(
        sql<TileRow>`
          SELECT level, index, hashes FROM audit_tile
          JOIN unnest(${int4Array(wanted, ({ level }) => level)}::int[], ${
          int8Array(wanted, ({ index }) => index)
        }::bigint[]) AS wanted (level, index) USING (level, index)`,
        (rows) => rows.map(({ hashes, index, level }) => ({ level, index: Number(index), hashes }))
      )),
    grow: (from, to, changed) =>
      failing("grow the tree")(Effect.map(
        sql`
          WITH grown AS (UPDATE audit_tree SET size = ${to} WHERE size = ${from} RETURNING size),
          kept AS (
            INSERT INTO audit_tile (level, index, hashes)
            SELECT tile.* FROM grown, unnest(${int4Array(changed, ({ level }) => level)}::int[], ${
          int8Array(changed, ({ index }) => index)
        }::bigint[], ${byteaArray(changed, ({ hashes }) => hashes)}::bytea[]) AS tile
            ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes
          )
          SELECT size FROM grown`,
        (rows) => rows.length === 1
      )),
    newestHead: oneHead("read the newest head", sql<HeadRow>`SELECT * FROM audit_head ORDER BY number DESC LIMIT 1`),
    heads: (after, limit) =>
      failing("read heads")(Effect.map(
        sql<HeadRow>`SELECT * FROM audit_head WHERE number > ${after} ORDER BY number LIMIT ${limit}`,
        (rows) => rows.map(headOf)
      )),
    head: (number) => oneHead("read a head", sql<HeadRow>`SELECT * FROM audit_head WHERE number = ${number}`),
    keepHead: ({ at, note, number, root, size }) =>
      sql`
        INSERT INTO audit_head (number, size, root, at, note)
        SELECT ${number}, ${size}, ${Buffer.from(root)}, ${at}, ${note}
        WHERE ${number} = (SELECT coalesce(max(number), 0) + 1 FROM audit_head) RETURNING number`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.catchIf(isTaken, () => Effect.succeed(false)),
        failing("keep a head")
      )
  })
})

export const layer: Layer.Layer<AuditStore, AuditStoreError, SqlClient.SqlClient> = Layer.effect(AuditStore, make)
