/** Content in the node's PostgreSQL: one row per content, one per part; backed up and restored with the log. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Batch from "@vivim/batch/Batch"
import type { Cipher } from "@vivim/crypto/Cipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { createHash, type Hash } from "node:crypto"
import { ContentStore, ContentStoreError, ContentTooLarge } from "./ContentStore.ts"
import * as Keys from "./Keys.ts"
import * as Parts from "./Parts.ts"
import * as SqlForget from "./SqlForget.ts"
import * as SqlRows from "./SqlRows.ts"
import * as SqlUpload from "./SqlUpload.ts"

interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly cipher: Cipher
  readonly bytesMax: number
  readonly find: SqlRows.Find
  readonly keep: (small: Small) => Effect.Effect<void, ContentStoreError>
}

const failing = (doing: string) => (cause: unknown) => new ContentStoreError({ doing, cause })

/** Bounded by `bytesMax`, the most one content may have; an upload that got no part for `uploadIdleMax` is given up. */
export const layer = (options: {
  readonly bytesMax: number
  readonly uploadIdleMax: Duration.DurationInput
}): Layer.Layer<ContentStore, ContentStoreError, SqlClient.SqlClient | PayloadCipher> =>
  Layer.scoped(
    ContentStore,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const cipher = yield* PayloadCipher
      const ground: Ground = {
        sql,
        cipher,
        bytesMax: options.bytesMax,
        find: yield* SqlRows.make(cipher),
        keep: yield* Batch.make(TogetherMax, (all: ReadonlyArray<Small>) => writeAll(sql, all))
      }
      yield* migrate
      yield* Effect.forkScoped(SqlUpload.sweep(ground.sql, options.uploadIdleMax))
      return ContentStore.of({
        put: (owner, bytes, mime) => put(ground, owner, bytes, mime),
        putStream: (owner, bytes, mime) => SqlUpload.putStream(ground, owner, bytes, mime),
        forget: Effect.fn("ContentStore.forget")((owner, hashes, destroy) =>
          SqlForget.forget(ground, owner, hashes, destroy)
        ),
        get: Effect.fn("ContentStore.get")((owner, hash) => get(ground, owner, hash))
      })
    })
  )

/** Makes the tables, where they are not. */
export const migrate: Effect.Effect<void, ContentStoreError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql.withTransaction(Effect.gen(function*() {
      yield* sql`SELECT pg_advisory_xact_lock(7302, 1)`
      yield* sql`
      CREATE TABLE IF NOT EXISTS content (
        address bytea PRIMARY KEY, place text COLLATE "C" NOT NULL UNIQUE, owner text NOT NULL,
        bytes bigint NOT NULL, mime text NOT NULL
      )`
      yield* sql`
      CREATE TABLE IF NOT EXISTS content_part (
        place text COLLATE "C", part integer, sealed bytea NOT NULL, PRIMARY KEY (place, part)
      )`
      yield* SqlUpload.migrate(sql)
      // Sealed bytes do not compress: keep them out of line as they are.
      yield* sql`ALTER TABLE content_part ALTER COLUMN sealed SET STORAGE EXTERNAL`
    }))
).pipe(Effect.mapError(failing("start")))

/** A content of one part, sealed, on its way into the database. */
interface Small {
  readonly address: Buffer
  readonly place: string
  readonly owner: string
  readonly bytes: number
  readonly mime: string
  readonly sealed: Buffer
}

/** Contents written with one statement. */
const TogetherMax = 64

/** The same content twice in one statement would be one row too many. */
const writeAll = (sql: SqlClient.SqlClient, all: ReadonlyArray<Small>) => {
  const nameOf = ({ address }: Small) => address.toString("latin1")
  const apart = [...new Map(all.map((one) => [nameOf(one), one])).values()]
  return Effect.map(writeApart(sql, apart), (exits) => {
    const told = new Map(apart.map((one, n) => [nameOf(one), exits[n]!]))
    return all.map((one) => told.get(nameOf(one))!)
  })
}

type Kept = Exit.Exit<void, ContentStoreError>

/** Writes all. What the database refuses is parted until it stands alone: it fails nobody else's. */
const writeApart = (sql: SqlClient.SqlClient, all: ReadonlyArray<Small>): Effect.Effect<ReadonlyArray<Kept>> =>
  Effect.flatMap(Effect.exit(writeTogether(sql, all)), (exit) => {
    const error = Option.getOrUndefined(Exit.causeOption(exit).pipe(Option.flatMap(Cause.failureOption)))
    if (error !== undefined && all.length > 1 && isRefused(error)) {
      const half = Math.ceil(all.length / 2)
      return Effect.zipWith(
        writeApart(sql, all.slice(0, half)),
        writeApart(sql, all.slice(half)),
        (a, b) => [...a, ...b]
      )
    }
    return Effect.succeed(all.map(() => Exit.mapError(exit, failing("keep content"))))
  })

/** Whether it is about what was to be written: a database that is away, full or busy would say the same of every part. */
const isRefused = ({ cause }: SqlError): boolean =>
  /^(22|23|42|54)/.test(String((cause as { readonly code?: unknown } | null)?.code))

const writeTogether = (sql: SqlClient.SqlClient, rows: ReadonlyArray<Small>) => {
  const contents = rows.map(({ address, bytes, mime, owner, place }) => ({ address, place, owner, bytes, mime }))
  const parts = rows.map(({ place, sealed }) => ({ place, part: 0, sealed }))
  return sql`
    WITH kept AS (
      INSERT INTO content ${sql.insert(contents)} ON CONFLICT (address) DO NOTHING RETURNING place
    ), put AS (
      SELECT * FROM (VALUES ${
    sql.csv(parts.map(({ part, place, sealed }) => sql`(${place}::text, ${part}::integer, ${sealed}::bytea)`))
  }) v (place, part, sealed)
    ) INSERT INTO content_part (place, part, sealed)
      SELECT put.place, put.part, put.sealed FROM put JOIN kept ON kept.place = put.place`.pipe(Effect.asVoid)
}

const put = Effect.fnUntraced(function*(ground: Ground, owner: string, bytes: Uint8Array, mime: string) {
  const { bytesMax, cipher, find, keep } = ground
  if (bytes.length > bytesMax) return yield* new ContentTooLarge({ max: bytesMax })
  if (bytes.length > Parts.PartMax) return yield* SqlUpload.putStream(ground, owner, Stream.make(bytes), mime)
  const hash = createHash("sha256").update(bytes).digest()
  const [address, ...before] = yield* Keys.addressesOf(cipher, owner, hash)
  const known = before.length === 0 ? null : yield* find(owner, hash)
  if (known !== null) return { hash: hash.toString("hex"), bytes: bytes.length, mime } as ContentRef
  const place = Parts.newPlace()
  const sealed = Buffer.from(
    yield* Parts.seal(cipher, owner, place, 0, bytes, mime).pipe(Keys.keysFailing("seal content"))
  )
  yield* keep({ address, place, owner, bytes: bytes.length, mime, sealed })
  return { hash: hash.toString("hex"), bytes: bytes.length, mime } as ContentRef
})

const get = Effect.fnUntraced(function*(ground: Ground, owner: string, hash: string) {
  const { cipher, find, sql } = ground
  const row = yield* find(owner, Buffer.from(hash, "hex"))
  if (row === null) return null
  const total = Number(row.bytes)
  const count = Math.max(1, Math.ceil(total / Parts.PartMax))
  const part = Effect.fnUntraced(function*(index: number, digest: Hash) {
    const [found] = yield* sql<{ readonly sealed: Uint8Array }>`
      SELECT sealed FROM content_part WHERE place = ${row.place} AND part = ${index}`
    if (found === undefined) return yield* Effect.fail(`part ${index} of ${count} is missing`)
    const bytes = yield* Parts.open(cipher, owner, row.place, index, found.sealed)
    digest.update(bytes)
    // Each part is bound to its place; that the place is this content's, only the whole can show: before its last part goes out.
    if (index === count - 1 && digest.digest("hex") !== hash) return yield* Effect.fail("it is not what was put")
    return bytes
  })
  return {
    ref: { hash, bytes: total, mime: row.mime } as ContentRef,
    bytes: Stream.suspend(() => {
      const digest = createHash("sha256")
      return Stream.range(0, count - 1).pipe(Stream.mapEffect((index) => part(index, digest)))
    }).pipe(Stream.mapError(failing("read content")))
  }
})
