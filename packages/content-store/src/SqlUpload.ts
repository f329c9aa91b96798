/**
 * Content that comes as a stream, a part at a time: each part is kept by a statement of its own, under the name of the upload,
 * and nobody sees any of them until the last statement publishes all. No connection is held while the source takes its time.
 *
 * U1  Between two parts an upload holds nothing of the database: the slowest source hinders nobody, and is hindered by nothing.
 * U2  Parts that were never published are removed: at once when the source fails, at a start or by their age when a node was killed.
 * U3  An upload that was removed never goes on: it fails, and nothing of it is seen.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { Cipher, Locked } from "@vivim/crypto/Cipher"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { ContentStoreError, ContentTooLarge } from "./ContentStore.ts"
import { addressesOf, keysFailing } from "./Keys.ts"
import * as Parts from "./Parts.ts"

interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly cipher: Cipher
  readonly bytesMax: number
}

const failing = (doing: string) => (cause: unknown) => new ContentStoreError({ doing, cause })
const removed = (place: string) =>
  failing("keep content")(new Error(`the upload ${place} was given up: it lay too long`))

/** An upload's row is there from before its first part until it is published or given up; `touched_at` is when its last part came. */
export const migrate = (sql: SqlClient.SqlClient) =>
  sql`
    CREATE TABLE IF NOT EXISTS content_upload (
      place text COLLATE "C" PRIMARY KEY, touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`

export const putStream = <E>(
  ground: Ground,
  owner: string,
  bytes: Stream.Stream<Uint8Array, E>,
  mime: string
): Effect.Effect<ContentRef, E | Locked | ContentStoreError | ContentTooLarge> =>
  Effect.suspend(() => {
    const place = Parts.newPlace()
    // Whoever interrupts waits for the statement under way: what comes after it finds all that was written.
    return Effect.acquireUseRelease(
      Effect.mapError(ground.sql`INSERT INTO content_upload (place) VALUES (${place})`, failing("begin an upload")),
      () => upload(ground, owner, place, bytes, mime),
      (_, exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignoreLogged(giveUp(ground.sql, place))
    )
  })

const upload = Effect.fnUntraced(function*<E>(
  ground: Ground,
  owner: string,
  place: string,
  bytes: Stream.Stream<Uint8Array, E>,
  mime: string
) {
  const { bytesMax, cipher, sql } = ground
  const hash = createHash("sha256")
  let total = 0
  let parts = 0
  yield* Stream.runForEach(
    Parts.cut(bytes),
    Effect.fnUntraced(function*(part) {
      hash.update(part)
      total += part.length
      if (total > bytesMax) return yield* new ContentTooLarge({ max: bytesMax })
      const sealed = Buffer.from(
        yield* Parts.seal(cipher, owner, place, parts, part, mime).pipe(keysFailing("seal content"))
      )
      yield* keepPart(sql, place, parts++, sealed)
    })
  )
  const digest = hash.digest()
  const [address] = yield* addressesOf(cipher, owner, digest)
  yield* publish(sql, { address, place, owner, bytes: total, mime })
  return { hash: digest.toString("hex"), bytes: total, mime } as ContentRef
})

/** One statement: the row of the upload is held while the part is written, so that nobody gives the upload up in between. */
const keepPart = (sql: SqlClient.SqlClient, place: string, part: number, sealed: Buffer) =>
  sql`
    WITH upload AS (
      UPDATE content_upload SET touched_at = clock_timestamp() WHERE place = ${place} RETURNING place
    ) INSERT INTO content_part (place, part, sealed) SELECT place, ${part}::integer, ${sealed}::bytea FROM upload RETURNING part`
    .pipe(
      Effect.mapError(failing("keep a part")),
      Effect.filterOrFail((rows) => rows.length === 1, () => removed(place)),
      Effect.uninterruptible
    )

/** One statement: from one moment to the next the content is there, or the parts of what was there already are not. */
const publish = (
  sql: SqlClient.SqlClient,
  { address, bytes, mime, owner, place }: {
    readonly address: Buffer
    readonly place: string
    readonly owner: string
    readonly bytes: number
    readonly mime: string
  }
) =>
  sql`
    WITH upload AS (
      DELETE FROM content_upload WHERE place = ${place} RETURNING place
    ), kept AS (
      INSERT INTO content (address, place, owner, bytes, mime)
        SELECT ${address}::bytea, place, ${owner}::text, ${bytes}::bigint, ${mime}::text FROM upload
        ON CONFLICT (address) DO NOTHING RETURNING place
    ), copies AS (
      DELETE FROM content_part part USING upload WHERE part.place = upload.place AND NOT EXISTS (SELECT FROM kept)
    ) SELECT place FROM upload`.pipe(
    Effect.mapError(failing("keep content")),
    Effect.filterOrFail((rows) => rows.length === 1, () => removed(place)),
    Effect.uninterruptible
  )

const giveUp = (sql: SqlClient.SqlClient, place: string) =>
  sql`
    WITH upload AS (
      DELETE FROM content_upload WHERE place = ${place} RETURNING place
    ) DELETE FROM content_part part USING upload WHERE part.place = upload.place`

/** Gives up what nobody added to for so long: a part that comes at this very moment saves its upload. */
const giveUpOld = (sql: SqlClient.SqlClient, idleMax: Duration.DurationInput) =>
  sql`
    WITH upload AS (
      DELETE FROM content_upload
        WHERE touched_at < clock_timestamp() - make_interval(secs => ${Duration.toSeconds(idleMax)}) RETURNING place
    ) DELETE FROM content_part part USING upload WHERE part.place = upload.place`

/** At once, and then for ever: what lay too long is never kept for much longer than that. */
export const sweep = (sql: SqlClient.SqlClient, idleMax: Duration.DurationInput): Effect.Effect<void> =>
  Effect.ignoreLogged(giveUpOld(sql, idleMax)).pipe(
    Effect.repeat(Schedule.spaced(Duration.times(idleMax, 1 / 4))),
    Effect.asVoid
  )
