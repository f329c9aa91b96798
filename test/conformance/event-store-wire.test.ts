/** How events travel to PostgreSQL and back: arrays, rounds and rows in binary are what they were. */
import type { Row } from "@vivim/event-store/AppendPlan"
import { noHash } from "@vivim/event-store/EventHash"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import type * as PostgresAppend from "@vivim/event-store/PostgresAppend"
import * as PostgresArrays from "@vivim/event-store/PostgresArrays"
import * as PostgresRound from "@vivim/event-store/PostgresRound"
import type { BinaryRow } from "@vivim/event-store/PostgresRows"
import * as PostgresSession from "@vivim/event-store/PostgresSession"
import { elsewhere, locks } from "@vivim/event-store/PostgresTables"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import pg from "pg"
import { assert, describe } from "vitest"
import { all, event, events } from "./Events.ts"
import { run } from "./Law.ts"
import { noServer } from "./ServerPostgres.ts"
import { eventually, onServer, open, operator } from "./StoresOnServer.ts"

/** Whether a round went in; false when the log stands elsewhere. */
const isKept = (session: PostgresSession.Session, tail: PostgresAppend.Tail, rows: Array<Row>) =>
  Effect.async<boolean, PostgresSession.SessionError>((resume) =>
    PostgresRound.send(session, tail, { rows, doomed: [] }, (verdict) => {
      if (!(verdict instanceof PostgresSession.SessionError)) resume(Effect.succeed(true))
      else resume(verdict.code === elsewhere ? Effect.succeed(false) : Effect.fail(verdict))
    })
  )

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("on the wire", () => {
  const test = onServer()

  test("B1 what is written as an array is what the server reads", (url) =>
    Effect.gen(function*() {
      const { ask } = yield* operator(url)
      const same = <A>(
        type: string,
        value: FastCheck.Arbitrary<A>,
        write: (values: ReadonlyArray<A>) => Buffer,
        shown: (value: A) => unknown,
        sql = "x"
      ) =>
        Effect.promise(() =>
          FastCheck.assert(
            FastCheck.asyncProperty(FastCheck.array(value, { maxLength: 20 }), async (values) => {
              const text =
                `select coalesce(jsonb_agg(${sql} order by i), '[]') from unnest($1::${type}[]) with ordinality u(x, i)`
              const rows = await Effect.runPromise(ask({ text, values: [write(values)] }))
              assert.deepStrictEqual(rows[0]![0], values.map(shown))
            }),
            { numRuns: 30 }
          )
        )
      const itself = (value: unknown) => value
      const text = FastCheck.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", ""))
      yield* same("text", text, (values) => PostgresArrays.textArray(values, (value) => value), itself)
      yield* same("uuid", FastCheck.uuid(), (values) => PostgresArrays.uuidArray(values, (value) => value), itself)
      yield* same("int4", FastCheck.integer(), (values) => PostgresArrays.int4Array(values, (value) => value), itself)
      yield* same(
        "int8",
        FastCheck.maxSafeNat(),
        (values) => PostgresArrays.int8Array(values, (value) => value),
        itself
      )
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
      yield* same(
        "bytea",
        FastCheck.uint8Array(),
        (values) => PostgresArrays.byteaArray(values, (value) => value),
        hex,
        "encode(x, 'hex')"
      )
    }))

  test("U1 a round on a clear road lies there as it was sent, and is one commit", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      const session = yield* operator(url)
      yield* PostgresRound.prepare(session)
      const text = FastCheck.string({ unit: "grapheme", minLength: 1 }).map((text) => text.replaceAll("\0", "0"))
      const row = FastCheck.record({
        stream: FastCheck.uuid(),
        version: FastCheck.maxSafeNat(),
        id: FastCheck.uuid(),
        type: text,
        schemaVersion: FastCheck.nat(32_767),
        owner: text,
        at: FastCheck.maxSafeNat(),
        meta: FastCheck.uint8Array(),
        routing: FastCheck.uint8Array(),
        private: FastCheck.uint8Array({ maxLength: 20_000, size: "max" }),
        previousHash: FastCheck.uint8Array({ minLength: 32, maxLength: 32 }),
        hash: FastCheck.uint8Array({ minLength: 32, maxLength: 32 })
      })
      let tail: PostgresAppend.Tail = { position: 0, hash: noHash() }
      yield* Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(FastCheck.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
            const sent = rows.map((row) => ({ ...row, position: 0 }))
            assert.isTrue(await Effect.runPromise(isKept(session, tail, sent)))
            const read: Array<RecordedEvent> = await Effect.runPromise(all(store.readAll(tail.position)))
            const plain = (bytes: Uint8Array) => Uint8Array.from(bytes)
            assert.deepStrictEqual(
              read.map((one) => ({
                ...one,
                meta: plain(one.meta),
                routing: plain(one.routing),
                private: plain(one.private),
                previousHash: plain(one.previousHash),
                hash: plain(one.hash)
              })),
              rows.map((row, i) => ({ ...row, position: tail.position + 1 + i }))
            )
            tail = { position: tail.position + rows.length, hash: rows.at(-1)!.hash }
            const commits = "select count(distinct xmin::text)::int from event where position > $1"
            const values = [tail.position - rows.length]
            assert.deepStrictEqual(await Effect.runPromise(session.ask({ text: commits, values })), [[1]])
          }),
          { numRuns: 30 }
        )
      )
    }))

  test("U2 a log that stands elsewhere takes nothing of a round, and the session goes on", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      const session = yield* operator(url)
      yield* PostgresRound.prepare(session)
      yield* store.append("tea/1", 0, events(2))
      const { hash } = (yield* store.streamHead("tea/1"))!
      const row = { ...event(), position: 0, stream: "tea/2", version: 1, previousHash: noHash(), hash: noHash() }
      for (const tail of [{ position: 1, hash }, { position: 2, hash: noHash() }, { position: 3, hash }]) {
        assert.isFalse(yield* isKept(session, tail, [row]))
      }
      assert.strictEqual(yield* store.head, 2)
      assert.isNull(yield* store.streamHead("tea/2"))
      assert.isTrue(yield* isKept(session, { position: 2, hash }, [row]))
      assert.strictEqual(yield* store.head, 3)
    }))

  test("U3 who hangs in the middle of sending is made to let go of the log, who only takes long is not", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      const [hanging, slow, other] = yield* Effect.all([operator(url), operator(url), operator(url)])
      const lock = `begin; select pg_advisory_xact_lock(${locks.space}, ${locks.append})`
      const ignore = () => {}
      yield* hanging.ask({ text: lock })
      hanging.client.query({
        submit: (connection: { readonly query: (text: string) => void }) => connection.query("copy event from stdin"),
        handleCopyInResponse: ignore,
        handleError: ignore
      } as never)
      const waits =
        "select count(*)::int from pg_stat_activity where pid = $1 and wait_event = 'ClientRead' and state = 'active'"
      yield* eventually(
        Effect.map(other.ask({ text: waits, values: [hanging.processId] }), ([row]) => row![0] === 1)
      )
      const appended = yield* Effect.fork(store.append("tea/1", 0, events(1)))
      const lost = yield* Effect.fork(hanging.lost)
      yield* PostgresRound.freeLog(other, 15_000)
      assert.isNull(yield* Fiber.poll(appended).pipe(Effect.map(Option.getOrNull)))
      yield* PostgresRound.freeLog(other, 0)
      yield* Fiber.join(lost).pipe(Effect.timeout("5 seconds"))
      assert.strictEqual((yield* Fiber.join(appended)).firstPosition, 1)
      yield* slow.ask({ text: lock })
      yield* PostgresRound.freeLog(other, 0)
      yield* slow.ask({ text: "commit" })
    }))

  test("Y1 what is read in binary is what lies there, however it is cut", (url) =>
    Effect.gen(function*() {
      const pool = yield* PostgresSession.pool(url, "reader", 1)
      const value = FastCheck.record({
        text: FastCheck.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
        bytes: FastCheck.uint8Array({ maxLength: 20_000, size: "max" }),
        large: FastCheck.maxSafeNat(),
        small: FastCheck.nat(32_767),
        id: FastCheck.uuid()
      })
      yield* Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(FastCheck.array(value, { maxLength: 30 }), async (values) => {
            const rows = values.map(({ bytes, id, large, small, text }, i) =>
              `(${i}, ${pg.escapeLiteral(text)}::text, '\\x${
                Buffer.from(bytes).toString("hex")
              }'::bytea, ${large}::int8, ${small}::int2, '${id}'::uuid)`
            )
            const empty = "(0, ''::text, ''::bytea, 0::int8, 0::int2, gen_random_uuid())"
            const from = `(values ${rows.length === 0 ? empty : rows.join(",")}) v(i, a, b, c, d, e)`
            const select = `select a, b, c, d, e from ${from} where ${rows.length > 0} order by i`
            const read = await Effect.runPromise(pool.rows({ text: select }, (row) => {
              const [text, bytes, large, small, id] = [
                row.text(),
                row.bytes(),
                row.integer(),
                row.integer(),
                row.uuid()
              ]
              return { text, bytes: Uint8Array.from(bytes), large, small, id }
            }))
            assert.deepStrictEqual<unknown>(read, values)
          }),
          { numRuns: 40 }
        )
      )
    }))

  test("Y2 a page given up in the middle, or failed, leaves the pool in order", (url) =>
    Effect.gen(function*() {
      const pool = yield* PostgresSession.pool(url, "reader", 1)
      const text = (row: BinaryRow) => row.text()
      for (const n of run(1, 10)) {
        const long = "select repeat('x', 10000) from generate_series(1, 20000)"
        yield* pool.rows({ text: n % 2 === 0 ? long : "select pg_sleep(5)" }, text).pipe(Effect.timeoutOption(n * 3))
        assert.strictEqual((yield* Effect.flip(pool.rows({ text: "select 1 / 0" }, text))).code, "22012")
        assert.strictEqual((yield* Effect.flip(pool.rows({ text: "no select" }, text))).code, "42601")
        assert.deepStrictEqual(yield* pool.rows({ name: "a", text: "select $1::text", values: ["a"] }, text), ["a"])
        assert.deepStrictEqual(yield* pool.ask({ text: "select 1" }), [[1]])
      }
    }))

  test("Y2 a page whose server ends the session fails as a failure, and the next has another session", (url) =>
    Effect.gen(function*() {
      const pool = yield* PostgresSession.pool(url, "reader", 1)
      const { ask } = yield* operator(url)
      const text = (row: BinaryRow) => row.text()
      for (let n = 0; n < 5; n++) {
        const reading = yield* Effect.fork(Effect.flip(pool.rows({ text: "select pg_sleep(60)::text" }, text)))
        const end = ask({
          text: `select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and query like 'select pg_sleep(60)%' and state = 'active'`
        })
        yield* eventually(Effect.map(end, ([row]) => row![0] === 1))
        assert.strictEqual((yield* Fiber.join(reading)).code, "57P01")
        assert.deepStrictEqual(yield* pool.rows({ text: "select 'again'" }, text), ["again"])
      }
    }))
})
