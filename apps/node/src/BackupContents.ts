/** The contents of a node as they lie, row by row and part by part, for a backup: bounded by a page, however large they are. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Parts from "@vivim/content-store/Parts"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { BackupRecord } from "./BackupFormat.ts"

/** Contents looked up at once, and bytes of parts held at once. */
const pageMax = 200
const bytesMax = 4 * 1024 * 1024

interface Row {
  readonly address: Uint8Array
  readonly place: string
  readonly owner: string
  readonly bytes: string
  readonly mime: string
}

interface PartRow {
  readonly place: string
  readonly part: number
  readonly sealed: Uint8Array
}

/** A content's parts are not all there: a backup of it could not be restored. */
export class ContentIncomplete extends Data.TaggedError("ContentIncomplete")<{ readonly message: string }> {}

export const count = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly count: string }>`SELECT count(*) AS count FROM content`
  return Number(row!.count)
})

/** Content is only ever added, each with all its parts at once: pages read one after another agree with each other. */
export const records: Stream.Stream<
  ReadonlyArray<BackupRecord>,
  SqlError | ContentIncomplete,
  SqlClient.SqlClient
> = Stream.unwrap(
  Effect.map(SqlClient.SqlClient, (sql) =>
    Stream.paginateEffect(Buffer.alloc(0) as Uint8Array, (after) =>
      Effect.map(
        sql<Row>`SELECT address, place, owner, bytes, mime FROM content WHERE address > ${Buffer.from(after)}
        ORDER BY address LIMIT ${pageMax}`,
        (rows) => [rows, rows.length < pageMax ? Option.none() : Option.some(rows.at(-1)!.address)] as const
      )).pipe(
        Stream.mapConcat(grouped),
        Stream.flatMap((rows) => rows.length === 1 ? large(sql, rows[0]!) : Stream.fromEffect(small(sql, rows)))
      ))
)

/** Neighbours that are small are read together. */
const grouped = (rows: ReadonlyArray<Row>): ReadonlyArray<ReadonlyArray<Row>> => {
  const groups: Array<Array<Row>> = []
  let size = Infinity
  for (const row of rows) {
    size += Number(row.bytes)
    if (size > bytesMax) {
      groups.push([])
      size = Number(row.bytes)
    }
    groups.at(-1)!.push(row)
  }
  return groups
}

const partsOf = ({ bytes }: Row) => Math.max(1, Math.ceil(Number(bytes) / Parts.PartMax))

const headOf = (row: Row): BackupRecord => ({
  kind: "content",
  address: row.address,
  place: row.place,
  owner: row.owner,
  bytes: Number(row.bytes),
  mime: row.mime,
  parts: partsOf(row)
})

const partOf = ({ part, sealed }: PartRow): BackupRecord => ({ kind: "part", part, sealed })

const incomplete = (row: Row) =>
  new ContentIncomplete({
    message: `a content of ${row.owner} (${row.bytes} bytes, ${row.mime}) lacks some of its parts`
  })

const small = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, rows: ReadonlyArray<Row>) {
  const found = yield* sql<PartRow>`
    SELECT place, part, sealed FROM content_part WHERE ${
    sql.in("place", rows.map(({ place }) => place))
  } ORDER BY place, part`
  const partsByPlace = new Map<string, Array<PartRow>>()
  for (const part of found) {
    const parts = partsByPlace.get(part.place)
    if (parts === undefined) partsByPlace.set(part.place, [part])
    else parts.push(part)
  }
  const records: Array<BackupRecord> = []
  for (const row of rows) {
    const parts = partsByPlace.get(row.place) ?? []
    if (parts.length !== partsOf(row) || parts.some(({ part }, i) => part !== i)) return yield* incomplete(row)
    records.push(headOf(row), ...parts.map(partOf))
  }
  return records
})

/** One part after the other: a content may be larger than memory. */
const large = (sql: SqlClient.SqlClient, row: Row) =>
  Stream.range(0, partsOf(row) - 1).pipe(
    Stream.mapEffect((part) =>
      Effect.flatMap(
        sql<PartRow>`SELECT place, part, sealed FROM content_part WHERE place = ${row.place} AND part = ${part}`,
        ([found]) => found === undefined ? Effect.fail(incomplete(row)) : Effect.succeed([partOf(found)])
      )
    ),
    (parts) => Stream.concat(Stream.make([headOf(row)]), parts)
  )
