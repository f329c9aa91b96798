/** Content in the node's PostgreSQL: one row per content, one per part; backed up and restored with the log. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Cipher } from "@vivim/crypto/Cipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { createHash, type Hash } from "node:crypto"
import { ContentStore, ContentStoreError, ContentTooLarge } from "./ContentStore.ts"
import * as Parts from "./Parts.ts"
import * as SqlForget from "./SqlForget.ts"
import * as SqlUpload from "./SqlUpload.ts"

interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly cipher: Cipher
  readonly bytesMax: number
  readonly waiting: Queue.Queue<Small>
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
      const ground: Ground = {
        sql: yield* SqlClient.SqlClient,
        cipher: yield* PayloadCipher,
        bytesMax: options.bytesMax,
        waiting: yield* Queue.bounded<Small>(TogetherMax)
      }
      yield* migrate
      yield* Effect.forkScoped(SqlUpload.sweep(ground.sql, options.uploadIdleMax))
      yield* Effect.forkScoped(writer(ground.sql, ground.waiting))
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
  readonly kept: Deferred.Deferred<void, ContentStoreError>
}

/** Contents written with one statement. */
const TogetherMax = 64

/** Whatever waits when the last statement returns travels in the next one. */
const writer = (sql: SqlClient.SqlClient, waiting: Queue.Queue<Small>) =>
  Queue.takeBetween(waiting, 1, TogetherMax).pipe(
    Effect.flatMap((chunk) => {
      // The same content twice in one statement would be one row too many.
      const equals = new Map<string, Array<Small>>()
      for (const one of chunk) {
        const address = one.address.toString("hex")
        equals.set(address, [...equals.get(address) ?? [], one])
      }
      return writeApart(sql, [...equals.values()])
    }),
    Effect.forever
  )

/** Writes all, and tells whoever waits. What the database refuses is parted until it stands alone: it fails nobody else's. */
const writeApart = (sql: SqlClient.SqlClient, all: ReadonlyArray<ReadonlyArray<Small>>): Effect.Effect<void> =>
  Effect.flatMap(Effect.exit(writeTogether(sql, all.map(([one]) => one!))), (exit) => {
    const error = Option.getOrUndefined(Exit.causeOption(exit).pipe(Option.flatMap(Cause.failureOption)))
    if (error !== undefined && all.length > 1 && isRefused(error)) {
      const half = Math.ceil(all.length / 2)
      return Effect.zipRight(writeApart(sql, all.slice(0, half)), writeApart(sql, all.slice(half)))
    }
    const told = Exit.mapError(exit, failing("keep content"))
    return Effect.forEach(all.flat(), ({ kept }) => Deferred.done(kept, told), { discard: true })
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
  const { bytesMax, cipher, waiting } = ground
  if (bytes.length > bytesMax) return yield* new ContentTooLarge({ max: bytesMax })
  if (bytes.length > Parts.PartMax) return yield* SqlUpload.putStream(ground, owner, Stream.make(bytes), mime)
  const hash = createHash("sha256").update(bytes).digest()
  const [address, ...before] = yield* SqlUpload.addressesOf(cipher, owner, hash)
  const known = before.length === 0 ? null : yield* SqlUpload.find(ground, owner, hash)
  if (known !== null) return { hash: hash.toString("hex"), bytes: bytes.length, mime } as ContentRef
  const place = Parts.newPlace()
  const sealed = Buffer.from(
    yield* Parts.seal(cipher, owner, place, 0, bytes, mime).pipe(SqlUpload.keysFailing("seal content"))
  )
  const kept = yield* Deferred.make<void, ContentStoreError>()
  yield* Queue.offer(waiting, { address, place, owner, bytes: bytes.length, mime, sealed, kept })
  yield* Deferred.await(kept)
  return { hash: hash.toString("hex"), bytes: bytes.length, mime } as ContentRef
})

const get = Effect.fnUntraced(function*(ground: Ground, owner: string, hash: string) {
  const { cipher, sql } = ground
  const row = yield* SqlUpload.find(ground, owner, Buffer.from(hash, "hex"))
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
