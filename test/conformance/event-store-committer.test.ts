/** The one writer of a process: its rounds, several of them on one database, and what becomes of appends when the database is away. */
import { locks } from "@vivim/event-store/PostgresTables"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { assert, describe } from "vitest"
import { all, answer, event, events, firstOf, newId } from "./Events.ts"
import { run } from "./Law.ts"
import { noServer } from "./ServerPostgres.ts"
import { eventually, onServer, open, operator } from "./StoresOnServer.ts"

/** The sessions of the stores on a database that write. */
const committers =
  "select pid from pg_stat_activity where application_name = 'vivim committer' and datname = current_database()"
const terminateCommitters = { text: `select pg_terminate_backend(pid) from (${committers}) committer` }

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the committer", () => {
  const test = onServer()

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
        (n) => stores[n % 3]!.append("tea/1", "any", events(n % 5 === 0 ? 2 : 1)),
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

  test("C3 a failure of the database that leaves the connection is got over as well", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url, { awayMsMax: 300 })
      const session = yield* operator(url)
      yield* store.append("tea/1", 0, events(1))
      yield* session.ask({ text: "alter table event rename column private to private_away" })
      for (const n of run(1, 3)) {
        assert.strictEqual(yield* answer(store.append(`tea/failed-${n}`, 0, events(1))), "EventStoreError")
      }
      yield* session.ask({ text: "alter table event rename column private_away to private" })
      assert.deepInclude(yield* store.append("tea/1", 1, events(1)), { firstPosition: 2 })
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
})
