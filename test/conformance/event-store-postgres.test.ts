/** What only the event store on PostgreSQL has to promise: its tables, its sessions and its pages. */
import type { NewEvent } from "@vivim/event-store/EventStore"
import * as PostgresReader from "@vivim/event-store/PostgresReader"
import * as PostgresSession from "@vivim/event-store/PostgresSession"
import { locks, migrations } from "@vivim/event-store/PostgresTables"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
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
      const impatient = { ...PostgresSession.patient({ statementMs: 100 }), answerMs: 400 }
      const session = yield* PostgresSession.open(url, "operator", [], impatient)
      assert.strictEqual((yield* Effect.flip(session.ask({ text: "select pg_sleep(5)" }))).code, "57014")
      process.kill(session.processId, "SIGSTOP")
      const error = yield* Effect.flip(session.ask({ text: "select 1" }))
      process.kill(session.processId, "SIGCONT")
      assert.match(error.message, /timeout/)
    }))

  test("P2 a store waits for its database as long as it is told", (url) =>
    Effect.gen(function*() {
      const holder = yield* operator(url)
      const store = yield* open(url, { patience: { statementMs: 200, silentMs: 300 } })
      yield* holder.ask({ text: `begin; select pg_advisory_xact_lock(${locks.space}, ${locks.append})` })
      const begun = performance.now()
      assert.strictEqual(yield* answer(store.append("tea/1", 0, events(1))), "EventStoreError")
      assert.isBelow(performance.now() - begun, 10_000)
      yield* holder.ask({ text: "rollback" })
      yield* store.append("tea/1", 0, events(1))
      const silent = yield* PostgresSession.open(url, "silent", [], PostgresSession.patient({ silentMs: 100 }))
      yield* silent.ask({ text: "begin; select 1" })
      yield* silent.lost.pipe(Effect.timeout("10 seconds"))
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
