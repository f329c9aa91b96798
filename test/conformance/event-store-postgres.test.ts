/** What only the event store on PostgreSQL has to promise: its tables, its sessions, its rounds, and several processes on one database. */
import { EventStore, type NewEvent } from "@vivim/event-store/EventStore"
import * as PostgresArrays from "@vivim/event-store/PostgresArrays"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as PostgresReader from "@vivim/event-store/PostgresReader"
import * as PostgresSession from "@vivim/event-store/PostgresSession"
import { locks } from "@vivim/event-store/PostgresTables"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { all, answer, event, events, firstOf, newId, type Store } from "./Events.ts"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"

type Url = Redacted.Redacted<string>

const open = (
  url: Url,
  options: Partial<PostgresEventStore.Options> = {}
): Effect.Effect<Store, unknown, Scope.Scope> =>
  Effect.map(Layer.build(PostgresEventStore.layer({ url, ...options })), Context.get(EventStore))

/** An operator's own session. */
const operator = (url: Url) => PostgresSession.open(url, "operator", [])

const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** The sessions of the stores on a database that write. */
const committers =
  "select pid from pg_stat_activity where application_name = 'vivim committer' and datname = current_database()"
const terminateCommitters = { text: `select pg_terminate_backend(pid) from (${committers}) committer` }

/** Asks again until the answer is as wanted: for what the server does in its own time. */
const eventually = (what: Effect.Effect<boolean, unknown>) =>
  Effect.repeat(Effect.delay(what, 10), { until: (yes) => yes }).pipe(Effect.timeout("10 seconds"))

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the event store on PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let server: TestServer
  beforeAll(async () => {
    server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const test = (title: string, body: (url: Url) => Effect.Effect<void, unknown, Scope.Scope>) =>
    it(title, () => Effect.runPromise(Effect.scoped(Effect.flatMap(server.newDatabase, body))))

  test("M1 many processes that start at once on an empty database all come up", (url) =>
    Effect.gen(function*() {
      const stores = yield* Effect.forEach(run(1, 6), () => open(url, { readersMax: 1 }), { concurrency: "unbounded" })
      yield* Effect.forEach(stores, (store, n) => store.append(`tea/${n}`, 0, events(1)), { concurrency: "unbounded" })
      const session = yield* operator(url)
      assert.deepStrictEqual(yield* session.ask({ text: "select number from event_migration order by number" }), [[1], [
        2
      ]])
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

  test("C1 what comes at once is committed together, what comes alone at once", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      const session = yield* operator(url)
      yield* Effect.forEach(run(1, 500), (n) => store.append(`tea/${n}`, 0, events(1)), { concurrency: "unbounded" })
      const commits = "select count(distinct xmin::text)::int from event where position > $1"
      assert.isAtMost((yield* session.ask({ text: commits, values: [0] }))[0]![0], 10)
      const begun = performance.now()
      for (let n = 0; n < 50; n++) yield* store.append("tea/alone", n, events(1))
      assert.isBelow((performance.now() - begun) / 50, 50)
      assert.deepStrictEqual(yield* session.ask({ text: commits, values: [500] }), [[50]])
    }))

  test("C2 several processes that write to one stream give one history, and none starves", (url) =>
    Effect.gen(function*() {
      const stores = yield* Effect.forEach(run(1, 3), () => open(url, { readersMax: 1 }))
      const followed = yield* Effect.fork(firstOf(360, stores[2]!.follow(0)))
      yield* Effect.forEach(
        run(0, 299),
        (n) => stores[n % 3]!.append("tea/1", "any", events(1 + n % 2 * (n % 5 === 0 ? 2 : 0))),
        {
          concurrency: 30
        }
      ).pipe(Effect.timeout("20 seconds"))
      const log = yield* all(stores[0]!.read("tea/1"))
      assert.deepStrictEqual(
        log.map(({ position, version }) => [position, version]),
        run(1, log.length).map((n) => [n, n])
      )
      assert.deepStrictEqual((yield* Fiber.join(followed)).map(({ id }) => id), log.map(({ id }) => id))
    }))

  test("C3 what was on its way fails as unknown, what only waited goes on", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      const session = yield* operator(url)
      yield* store.append("tea/1", 0, events(1))
      yield* session.ask({ text: `begin; select pg_advisory_xact_lock(${locks.space}, ${locks.append})` })
      const sent = [event()] as const
      const onItsWay = yield* Effect.fork(Effect.either(store.append("tea/1", 1, sent)))
      yield* eventually(
        Effect.map(
          session.ask({ text: "select count(*)::int from pg_locks where locktype = 'advisory' and not granted" }),
          ([row]) => row![0] === 1
        )
      )
      const waiting = yield* Effect.fork(store.append("tea/2", 0, events(1)))
      yield* Effect.yieldNow()
      yield* session.ask(terminateCommitters)
      const failed = yield* Fiber.join(onItsWay)
      assert.strictEqual(failed._tag === "Left" && failed.left._tag, "EventStoreError")
      yield* session.ask({ text: "commit" })
      assert.strictEqual((yield* Fiber.join(waiting)).firstPosition, 2)
      assert.deepInclude(yield* store.append("tea/1", 1, sent), { firstVersion: 2, firstPosition: 3, duplicate: false })
    }))

  test("C4 while the database is away an append waits so long and no longer, and the queue stays bounded", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url, { awayMsMax: 300, queue: { appendsMax: 5 } })
      yield* store.append("tea/1", 0, events(1))
      const address = new URL(Redacted.value(url))
      const database = address.pathname.slice(1)
      address.pathname = "/postgres"
      const session = yield* operator(Redacted.make(address.href))
      yield* session.ask({ text: `alter database ${database} allow_connections false` })
      yield* session.ask({
        text: "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
        values: [database]
      })
      assert.strictEqual(yield* answer(store.append("tea/on-its-way", 0, events(1))), "EventStoreError")
      const begun = performance.now()
      const answers = yield* Effect.forEach(
        run(1, 8),
        (n) => answer(store.append(`tea/new-${n}`, 0, events(1))),
        { concurrency: "unbounded" }
      )
      const ms = performance.now() - begun
      assert.isTrue(ms > 250 && ms < 5_000, `${ms} ms`)
      assert.deepStrictEqual(answers.toSorted(), [...Array(5).fill("EventStoreError"), ...Array(3).fill("Overloaded")])
      yield* session.ask({ text: `alter database ${database} allow_connections true` })
      const same = [event()] as const
      yield* eventually(Effect.map(answer(store.append("tea/2", 0, same)), (said) => said === "Appended"))
      assert.strictEqual(yield* store.head, 2)
    }))

  test("C5 what others commit is heard at once, and again after the connection was lost", (url) =>
    Effect.gen(function*() {
      const [one, other] = yield* Effect.all([open(url, { lookMs: 3_600_000 }), open(url)])
      const followed = yield* Effect.fork(firstOf(4, one.follow(0)))
      yield* other.append("tea/1", 0, events(2))
      const session = yield* operator(url)
      yield* session.ask(terminateCommitters)
      yield* Effect.retry(other.append("tea/1", 2, [event({ id: newId() })]), { times: 3 })
      yield* other.append("tea/1", 3, events(1))
      assert.deepStrictEqual(
        (yield* Fiber.join(followed).pipe(Effect.timeout("5 seconds"))).map(({ position }) => position),
        [1, 2, 3, 4]
      )
    }))

  test("C5 a notification that was lost costs time, never an event", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url, { lookMs: 100 })
      yield* store.append("tea/1", 0, events(1))
      const followed = yield* Effect.fork(firstOf(2, store.follow(0)))
      const session = yield* operator(url)
      yield* session.ask({
        text:
          `begin; insert into event select 2, 1, at, seq, gen_random_uuid(), schema_version, 'tea/2', type, owner, previous_hash, hash,
          meta, routing, private, log from event; update log set last_position = 2; commit`
      })
      assert.deepStrictEqual(
        (yield* Fiber.join(followed).pipe(Effect.timeout("5 seconds"))).map(({ stream }) => stream),
        ["tea/1", "tea/2"]
      )
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

  test("G2 a page says how far it has looked, also when it found nothing", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      yield* store.append("tea/1", 0, events(20))
      const reader = PostgresReader.make(yield* PostgresSession.pool(url, "reader", 1), { eventsMax: 5, bytesMax: 1e6 })
      assert.deepStrictEqual(yield* reader.page(3, 15, { types: ["none"] }), { events: [], upTo: 15 })
      assert.strictEqual((yield* reader.page(0, 15, { owner: "did:key:zAda" })).upTo, 5)
      assert.strictEqual((yield* reader.page(0, 1_000_000, { types: ["none"] })).upTo, 100_000)
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
