/** What only the event store on PostgreSQL has to promise: its tables, its arrays, its sessions and its pages. */
import { noHash } from "@vivim/event-store/EventHash"
import type { NewEvent, RecordedEvent } from "@vivim/event-store/EventStore"
import type * as PostgresAppend from "@vivim/event-store/PostgresAppend"
import * as PostgresArrays from "@vivim/event-store/PostgresArrays"
import { CopiedRow } from "@vivim/event-store/PostgresCopy"
import * as PostgresReader from "@vivim/event-store/PostgresReader"
import * as PostgresRound from "@vivim/event-store/PostgresRound"
import * as PostgresSession from "@vivim/event-store/PostgresSession"
import { migrations } from "@vivim/event-store/PostgresTables"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import pg from "pg"
import { assert, describe } from "vitest"
import { all, answer, event, events, firstOf } from "./Events.ts"
import { run } from "./Law.ts"
import { noServer } from "./ServerPostgres.ts"
import { eventually, onServer, open, operator } from "./StoresOnServer.ts"

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the event store on PostgreSQL", () => {
  const test = onServer()

  test("M1 many processes that start at once on an empty database all come up", (url) =>
    Effect.gen(function*() {
      const stores = yield* Effect.forEach(run(1, 6), () => open(url, { readersMax: 1 }), { concurrency: "unbounded" })
      yield* Effect.forEach(stores, (store, n) => store.append(`tea/${n}`, 0, events(1)), { concurrency: "unbounded" })
      const session = yield* operator(url)
      assert.deepStrictEqual(
        yield* session.ask({ text: "select number from event_migration order by number" }),
        migrations.map((_, i) => [i + 1])
      )
      assert.strictEqual(yield* stores[0]!.head, 6)
    }))

  test("M2 a database of a newer version is refused, untouched", (url) =>
    Effect.gen(function*() {
      const session = yield* operator(url)
      yield* session.ask({
        text: "create table event_migration (number int primary key, name text not null, at timestamptz)"
      })
      yield* session.ask({ text: "insert into event_migration values (99, 'from the future')" })
      assert.match(String(yield* Effect.flip(open(url))), /newer version/)
      assert.deepStrictEqual(yield* session.ask({ text: "select to_regclass('event')" }), [[null]])
    }))

  test("M3 an event is neither changed nor removed by a slip", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      yield* store.append("tea/1", 0, events(2))
      const session = yield* operator(url)
      for (const slip of ["update event set owner = 'me'", "delete from event where position = 2", "truncate event"]) {
        assert.match(String(yield* Effect.flip(session.ask({ text: slip }))), /append-only/, slip)
      }
      assert.strictEqual((yield* all(store.read("tea/1"))).length, 2)
    }))

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
            assert.isTrue(await Effect.runPromise(PostgresRound.send(session, tail, sent)))
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
        assert.isFalse(yield* PostgresRound.send(session, tail, [row]))
      }
      assert.strictEqual(yield* store.head, 2)
      assert.isNull(yield* store.streamHead("tea/2"))
      assert.isTrue(yield* PostgresRound.send(session, { position: 2, hash }, [row]))
      assert.strictEqual(yield* store.head, 3)
    }))

  test("P1 who holds a session is told when it is gone", (url) =>
    Effect.gen(function*() {
      const held = yield* operator(url)
      const other = yield* operator(url)
      const lost = yield* Effect.fork(held.lost)
      yield* other.ask({ text: "select pg_terminate_backend($1)", values: [held.processId] })
      yield* Fiber.join(lost).pipe(Effect.timeout("5 seconds"))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(held.ask({ text: "select 1" }))))
    }))

  test("P1 a session is given up in bounded time, though the server does not answer", (url) =>
    Effect.gen(function*() {
      const inner = yield* Scope.make()
      const { processId } = yield* Scope.extend(operator(url), inner)
      process.kill(processId, "SIGSTOP")
      const begun = performance.now()
      yield* Scope.close(inner, Exit.void)
      const ms = performance.now() - begun
      process.kill(processId, "SIGCONT")
      assert.isBelow(ms, 3_000)
    }))

  test("P2 a statement that takes too long is stopped by the server, or by us", (url) =>
    Effect.gen(function*() {
      const impatient = { connectMs: 5_000, statementMs: 100, answerMs: 400 }
      const session = yield* PostgresSession.open(url, "operator", [], impatient)
      assert.strictEqual((yield* Effect.flip(session.ask({ text: "select pg_sleep(5)" }))).code, "57014")
      process.kill(session.processId, "SIGSTOP")
      const error = yield* Effect.flip(session.ask({ text: "select 1" }))
      process.kill(session.processId, "SIGCONT")
      assert.match(error.message, /timeout/)
    }))

  test("G1 a page is bounded in events and in bytes", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      const sizes = [10, 10, 10, 400_000, 10, 900_000, 10, 10, 300_000, 300_000, 300_000, 300_000, 10]
      for (const [n, size] of sizes.entries()) {
        yield* store.append(`tea/${n % 2}`, "any", [event({ private: new Uint8Array(size) })])
      }
      const pool = yield* PostgresSession.pool(url, "reader", 1)
      const reader = PostgresReader.make(pool, { eventsMax: 5, bytesMax: 700_000 })
      const pages: Array<ReadonlyArray<number>> = []
      for (let after = 0; after < sizes.length;) {
        const { events: page, upTo } = yield* reader.page(after, sizes.length)
        pages.push(page.map(({ position }) => position))
        after = upTo
      }
      assert.deepStrictEqual(pages, [[1, 2, 3, 4, 5], [6], [7, 8, 9, 10, 11], [12, 13]])
      assert.deepStrictEqual((yield* all(reader.read("tea/1", 0))).map(({ version }) => version), run(1, 6))
      assert.deepStrictEqual((yield* all(reader.readAll(0))).map(({ position }) => position), run(1, 13))
    }))

  test("G1 a page is read along an index, though nobody knows yet how the table has grown", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      for (let n = 0; n < 5; n++) yield* store.append("tea/1", n * 1_000, events(1_000))
      const pool = yield* PostgresSession.pool(url, "reader", 1)
      const plan = (where: string, order: string) =>
        Effect.map(
          pool.ask({ text: `explain select * from event where ${where} order by ${order} limit 100` }),
          (rows) => rows.flat().join("\n")
        )
      const plans = [
        yield* plan("position > 0 and position <= 1000000", "position"),
        yield* plan("position > 0 and position <= 1000000 and type = 'tea.Poured'", "position"),
        yield* plan("stream = 'tea/1' and version > 0", "version")
      ]
      for (const shown of plans) {
        assert.match(shown, /Index Scan/)
        assert.notMatch(shown, /Sort|Bitmap|Seq Scan/)
      }
    }))

  test("G2 a page says how far it has looked, also when it found nothing", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      yield* store.append("tea/1", 0, events(20))
      const reader = PostgresReader.make(yield* PostgresSession.pool(url, "reader", 1), { eventsMax: 5, bytesMax: 1e6 })
      assert.deepStrictEqual(yield* reader.page(3, 15, { types: ["none"] }), { events: [], upTo: 15 })
      assert.strictEqual((yield* reader.page(0, 15, { owner: "did:key:zAda" })).upTo, 5)
      assert.strictEqual((yield* reader.page(0, 1_000_000, { types: ["none"] })).upTo, 1_000_000)
      assert.strictEqual((yield* reader.page(0, 1_000_000, { until: 0 })).upTo, 100_000)
    }))

  test("Y1 what is read in copy form is what lies there", (url) =>
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
            const read = (await Effect.runPromise(pool.copy(select))).map((buffer) => {
              const row = new CopiedRow(buffer)
              const [text, bytes, large, small, id] = [
                row.text(),
                row.bytes(),
                row.integer(),
                row.integer(),
                row.uuid()
              ]
              return { text, bytes: Uint8Array.from(bytes), large, small, id }
            })
            assert.deepStrictEqual(read, values)
          }),
          { numRuns: 40 }
        )
      )
    }))

  test("Y2 a page given up in the middle, or failed, leaves the pool in order", (url) =>
    Effect.gen(function*() {
      const pool = yield* PostgresSession.pool(url, "reader", 1)
      for (const n of run(1, 10)) {
        const long = "select repeat('x', 10000) from generate_series(1, 20000)"
        yield* pool.copy(n % 2 === 0 ? long : "select pg_sleep(5)").pipe(Effect.timeoutOption(n * 3))
        assert.strictEqual((yield* Effect.flip(pool.copy("select 1 / 0"))).code, "22012")
        assert.strictEqual((yield* Effect.flip(pool.copy("no select"))).code, "42601")
        assert.strictEqual(new CopiedRow((yield* pool.copy("select 'a'::text"))[0]!).text(), "a")
        assert.deepStrictEqual(yield* pool.ask({ text: "select 1" }), [[1]])
      }
    }))

  test("leaves no connection behind", (url) =>
    Effect.gen(function*() {
      const session = yield* operator(url)
      const inner = yield* Scope.make()
      const store = yield* Scope.extend(open(url), inner)
      yield* Scope.extend(Effect.forkScoped(firstOf(9, store.follow(0))), inner)
      yield* store.append("tea/1", 0, events(1) as [NewEvent])
      yield* all(store.readAll(0))
      yield* Scope.close(inner, Exit.void)
      const left =
        "select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
      yield* eventually(Effect.map(session.ask({ text: left }), ([row]) => row![0] === 0))
      assert.strictEqual(
        yield* answer(store.append("tea/1", 1, events(1))).pipe(Effect.timeoutTo({
          duration: 1_000,
          onSuccess: (said) => said,
          onTimeout: () => "no answer"
        })),
        "EventStoreError"
      )
    }))
})
