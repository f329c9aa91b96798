/** Content stores: the twin in memory, and the one in PostgreSQL with what only a database can have done to it. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { ContentStore, type ContentStoreError } from "@vivim/content-store/ContentStore"
import { PartMax } from "@vivim/content-store/Parts"
import * as SqlContentStore from "@vivim/content-store/SqlContentStore"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bytesMax, contentStoreLaws, noise, read } from "./ContentStoreLaws.ts"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"
import { eventually } from "./StoresOnServer.ts"

const uploadIdleMax = Duration.hours(1)

describe("laws of content in memory", () => {
  for (const { holds, title } of contentStoreLaws) {
    it(title, () =>
      Effect.flatMap(ContentStore, (contents) => holds({ contents, count: Effect.succeed(null) })).pipe(
        Effect.provide(ContentStore.layerMemory({ bytesMax })),
        Effect.runPromise
      ))
  }
})

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("laws of content in PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let contents: ContentStore["Type"]
  let sql: SqlClient.SqlClient
  let url: Redacted.Redacted<string>
  beforeAll(() =>
    Effect.gen(function*() {
      const server: TestServer = yield* serverPostgres
      url = yield* server.newDatabase
      const ground = yield* Layer.build(
        SqlContentStore.layer({ bytesMax, uploadIdleMax }).pipe(
          Layer.provide(PayloadCipher.layerMemory),
          Layer.provideMerge(PgClient.layer({ url, maxConnections: 8 }))
        )
      )
      contents = Context.get(ground, ContentStore)
      sql = Context.get(ground, SqlClient.SqlClient)
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const count = Effect.suspend(() =>
    sql<{ readonly contents: number; readonly parts: number }>`
    SELECT (SELECT count(*) FROM content)::integer AS contents, (SELECT count(*) FROM content_part)::integer AS parts`
  ).pipe(
    Effect.map(([row]) => ({ ...row! })),
    Effect.orDie
  )
  /** Laws begin with an empty store: what one put another would find. */
  const empty = Effect.suspend(() => sql`TRUNCATE content, content_part, content_upload`)
  const test = (title: string, work: () => Effect.Effect<unknown, unknown>) =>
    it(title, () => Effect.runPromise(Effect.zipRight(empty, Effect.suspend(work))))

  for (const { holds, title } of contentStoreLaws) test(title, () => holds({ contents, count }))

  const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const
  const size = 2 * PartMax + 1_000

  /** What may be done to a content that lies in a database, by its place; `other` is another content of the same owner. */
  const spoiled: Readonly<Record<string, (place: string, other: string) => Effect.Effect<unknown, unknown>>> = {
    "a byte of a part is another": (place) =>
      sql`UPDATE content_part SET sealed = set_byte(sealed, 100, get_byte(sealed, 100) # 1) WHERE place = ${place} AND part = 1`,
    "a part is cut short": (place) =>
      sql`UPDATE content_part SET sealed = substring(sealed for 500) WHERE place = ${place} AND part = 2`,
    "a part is gone": (place) => sql`DELETE FROM content_part WHERE place = ${place} AND part = 0`,
    "two parts changed places": (place) =>
      sql`UPDATE content_part p SET sealed = q.sealed FROM content_part q
        WHERE p.place = ${place} AND q.place = ${place} AND p.part < 2 AND q.part = 1 - p.part`,
    "a part is another content's": (place, other) =>
      sql`UPDATE content_part p SET sealed = q.sealed FROM content_part q
        WHERE p.place = ${place} AND q.place = ${other} AND p.part = 1 AND q.part = 1`,
    "it is said to be shorter": (place) => sql`UPDATE content SET bytes = ${PartMax} WHERE place = ${place}`,
    "it stands in another's place": (place, other) =>
      sql`UPDATE content SET place = CASE place WHEN ${place} THEN ${other} ELSE ${place} END || ' ' WHERE place IN (${place}, ${other})`
        .pipe(
          Effect.zipRight(sql`UPDATE content SET place = rtrim(place)`)
        )
  }

  for (const [what, spoil] of Object.entries(spoiled)) {
    test(`K3 a content is not handed on when ${what}`, () =>
      Effect.gen(function*() {
        const { hash } = yield* contents.put(ada, noise(size), "image/png")
        const { hash: second } = yield* contents.put(ada, noise(size, 2), "image/png")
        const places = new Map(
          (yield* sql<{ place: string; address: Uint8Array }>`SELECT place, address FROM content`).map(
            ({ place }, i) => [i, place]
          )
        )
        // Which is which does not matter: both are of one size, and both are asked for.
        yield* spoil(places.get(0)!, places.get(1)!)
        const answers = yield* Effect.forEach([hash, second], (name) => Effect.exit(read(contents, ada, name)))
        assert.isNotEmpty(answers.filter(Exit.isFailure))
        for (const answer of answers) {
          if (Exit.isFailure(answer)) assert.include(String(answer.cause), "ContentStoreError")
          else assert.isTrue([noise(size), noise(size, 2)].some((bytes) => answer.value!.bytes.equals(bytes)))
        }
      }))
  }

  test("K3 another owner's row is of no use", () =>
    Effect.gen(function*() {
      const { hash } = yield* contents.put(ada, noise(size), "image/png")
      yield* sql`UPDATE content SET owner = ${bo}`
      assert.isNull(yield* contents.get(bo, hash))
      assert.isNull(yield* contents.get(ada, hash))
    }))

  test("what lies in the database tells neither the content nor its hash", () =>
    Effect.gen(function*() {
      const text = "Very secret lanterns of Kyōto. ".repeat(9)
      const { hash } = yield* contents.put(ada, Buffer.from(text), "application/zip")
      const [row] = yield* sql<{ all: string }>`
        SELECT string_agg(c::text || p::text, '') AS all FROM content c JOIN content_part p USING (place)`
      assert.include(row!.all, ada)
      for (const told of [hash, Buffer.from("secret lanterns").toString("hex")]) assert.notInclude(row!.all, told)
    }))

  test("K4 what the database refuses of contents put at once fails nobody else's", () =>
    Effect.gen(function*() {
      const kinds = Array.from({ length: 64 }, (_, n) => n === 17 || n === 40 ? "text/\u0000plain" : "text/plain")
      const ends = yield* Effect.forEach(kinds, (mime, n) => Effect.exit(contents.put(ada, noise(60 + n, n), mime)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(ends.flatMap((end, n) => Exit.isFailure(end) ? [n] : []), [17, 40])
      assert.deepStrictEqual(yield* count, { contents: 62, parts: 62 })
      assert.isNotNull(yield* contents.get(ada, (yield* contents.put(ada, noise(60 + 18, 18), "text/plain")).hash))
    }))

  /** Another process of the node, on connections of its own. */
  const another = (maxConnections: number) =>
    Effect.map(
      Layer.build(
        SqlContentStore.layer({ bytesMax, uploadIdleMax }).pipe(
          Layer.provide(PayloadCipher.layerMemory),
          Layer.provide(PgClient.layer({ url, maxConnections }))
        )
      ),
      Context.get(ContentStore)
    )

  /** A source of one part that then waits; who holds it knows when the part is on its way, and when to go on. */
  const halting = Effect.gen(function*() {
    const waits = yield* Deferred.make<void>()
    const goOn = yield* Deferred.make<void>()
    const halt = Deferred.succeed(waits, undefined).pipe(Effect.zipRight(Deferred.await(goOn)), Effect.as(noise(9)))
    const bytes = Stream.concat(Stream.make(noise(PartMax)), Stream.fromEffect(halt))
    return { bytes, waits: Deferred.await(waits), goOn: Deferred.succeed(goOn, undefined) }
  })
  const whole = Buffer.concat([noise(PartMax), noise(9)])

  test("U1 an upload whose source waits holds no connection: others use the only one there is", () =>
    Effect.gen(function*() {
      const alone = yield* another(1)
      const { bytes, goOn, waits } = yield* halting
      const upload = yield* Effect.fork(alone.putStream(ada, bytes, "image/png"))
      yield* waits
      const { hash } = yield* alone.put(ada, noise(50), "image/png")
      assert.isTrue((yield* read(alone, ada, hash))!.bytes.equals(noise(50)))
      const [open] = yield* sql`
        SELECT count(*)::integer AS open FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'`
      assert.deepStrictEqual({ ...open }, { open: 0 })
      yield* goOn
      const ref = yield* Fiber.join(upload)
      assert.isTrue((yield* read(alone, ada, ref.hash))!.bytes.equals(whole))
    }).pipe(Effect.scoped, Effect.timeout("20 seconds")))

  test("U2 what was never published is removed once it lies too long, at a start too; what still comes in is not", () =>
    Effect.gen(function*() {
      const young = yield* halting
      const upload = yield* Effect.fork(contents.putStream(ada, young.bytes, "image/png"))
      yield* young.waits
      // As a process leaves it that was killed.
      yield* sql`INSERT INTO content_upload (place, touched_at) VALUES ('cut off', clock_timestamp() - interval '61 minutes')`
      yield* sql`INSERT INTO content_part (place, part, sealed) VALUES ('cut off', 0, 'x'), ('cut off', 1, 'y')`
      const { hash } = yield* contents.put(bo, noise(70), "image/png")
      yield* another(2)
      yield* eventually(
        Effect.map(sql`SELECT 1 FROM content_upload WHERE place = 'cut off'`, (rows) => rows.length === 0)
      )
      assert.deepStrictEqual(yield* count, { contents: 1, parts: 2 })
      yield* young.goOn
      const ref = yield* Fiber.join(upload)
      assert.isTrue((yield* read(contents, ada, ref.hash))!.bytes.equals(whole))
      assert.isNotNull(yield* read(contents, bo, hash))
      assert.strictEqual((yield* sql`SELECT 1 FROM content_upload`).length, 0)
    }).pipe(Effect.scoped))

  test("U3 an upload that was given up fails at its next part, and nothing of it is left", () =>
    Effect.gen(function*() {
      const { bytes, goOn, waits } = yield* halting
      const upload = yield* Effect.fork(contents.putStream(ada, bytes, "image/png"))
      yield* waits
      yield* sql`UPDATE content_upload SET touched_at = clock_timestamp() - interval '61 minutes'`
      yield* another(2)
      yield* eventually(Effect.map(sql`SELECT 1 FROM content_upload`, (rows) => rows.length === 0))
      yield* goOn
      const failure = yield* Effect.flip(Fiber.join(upload))
      assert.include(String((failure as ContentStoreError).cause), "given up")
      assert.deepStrictEqual(yield* count, { contents: 0, parts: 0 })
    }).pipe(Effect.scoped))
})
