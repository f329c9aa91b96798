/** Two rounds under way on a real server, and what may come between them: a lost connection, another process, the same command again. */
import { isIntact } from "@vivim/event-store/EventHash"
import type { Appended, AppendError, NewEvent } from "@vivim/event-store/EventStore"
import type * as PostgresSession from "@vivim/event-store/PostgresSession"
import { locks } from "@vivim/event-store/PostgresTables"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import { assert, describe } from "vitest"
import { all, answer, event, events, firstOf, type Store } from "./Events.ts"
import { run } from "./Law.ts"
import { noServer } from "./ServerPostgres.ts"
import { eventually, onServer, open, operator, type Url } from "./StoresOnServer.ts"

const pipeline = { pieceMin: 16 }
/** More than a round needs to go out behind another. */
const crowd = 80

const lock = `begin; select pg_advisory_xact_lock(${locks.space}, ${locks.append})`
const lining = "select count(*)::int from pg_locks where locktype = 'advisory' and objid = $1 and not granted"

/** So many sessions stand in line for the log. */
const inLine = (session: PostgresSession.Session, count: number) =>
  eventually(
    Effect.map(session.ask({ text: lining, values: [locks.append] }), ([row]) => row![0] === count)
  )

/** A store whose first round waits for the log, which the operator holds. */
const held = (url: Url, first: (store: Store) => Effect.Effect<Appended, AppendError>) =>
  Effect.gen(function*() {
    const store = yield* open(url, { pipeline })
    yield* store.append("tea/1", 0, events(1))
    const session = yield* operator(url)
    yield* session.ask({ text: lock })
    const under = yield* Effect.fork(Effect.either(first(store)))
    yield* inLine(session, 1)
    const release = session.ask({ text: "commit" })
    return { store, session, under, release }
  })

/** Whoever was forked has come as far as it comes by itself. */
const allCame = Effect.repeatN(Effect.yieldNow(), 20)

const many = (store: Store, name: string, appends = crowd) =>
  Effect.fork(
    Effect.forEach(run(1, appends), (n) => Effect.either(store.append(`${name}/${n}`, 0, events(1))), {
      concurrency: "unbounded"
    })
  )

/** No gap, nothing twice, chains that hold. */
const isSound = (store: Store, length: number) =>
  Effect.map(all(store.readAll(0)), (log) => {
    assert.deepStrictEqual(log.map(({ position }) => position), run(1, length))
    assert.strictEqual(new Set(log.map(({ id }) => id)).size, length)
    const heads = new Map<string, Uint8Array>()
    for (const event of log) {
      assert.isTrue(isIntact(event))
      assert.strictEqual(Buffer.compare(event.previousHash, heads.get(event.stream) ?? new Uint8Array(32)), 0)
      heads.set(event.stream, event.hash)
    }
    return log
  })

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("two rounds under way", () => {
  const test = onServer()

  test("X1 those who follow see both in their order, in places that were foreseen", (url) =>
    Effect.gen(function*() {
      const { release, store, under } = yield* held(url, (store) => store.append("tea/1", 1, events(2)))
      const followed = yield* Effect.fork(firstOf(3 + crowd, store.follow(0)))
      const behind = yield* many(store, "cup")
      const next = yield* Effect.fork(store.append("tea/1", 3, events(1)))
      yield* allCame
      yield* release
      const appended = Either.getOrThrow(yield* Fiber.join(under))
      assert.deepInclude(appended, { firstPosition: 2, lastPosition: 3, lastVersion: 3 })
      assert.isTrue((yield* Fiber.join(behind)).every(Either.isRight))
      assert.deepInclude(yield* Fiber.join(next), { firstVersion: 4 })
      const log = yield* isSound(store, 4 + crowd)
      assert.deepStrictEqual(
        (yield* Fiber.join(followed)).map(({ id }) => id),
        log.slice(0, 3 + crowd).map(({ id }) => id)
      )
    }))

  test("X3 the connection is lost with both under way: both are unknown, and the same ids find their places", (url) =>
    Effect.gen(function*() {
      const same: [NewEvent] = [event()]
      const { release, session, store, under } = yield* held(url, (store) => store.append("tea/1", 1, same))
      const behind = yield* many(store, "cup")
      yield* allCame
      yield* session.ask({
        text: `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
          where locktype = 'advisory' and objid = $1 and not granted`,
        values: [locks.append]
      })
      assert.strictEqual(Either.getLeft(yield* Fiber.join(under))._tag, "Some")
      yield* release
      const answers = yield* Fiber.join(behind)
      const unknown = answers.filter(Either.isLeft).length
      assert.isAtLeast(unknown, crowd / 4, "the second round was on its way")
      assert.isBelow(unknown, crowd, "what only waited went on")
      assert.isTrue(answers.every((said) => Either.isRight(said) || said.left._tag === "EventStoreError"))
      assert.deepInclude(yield* store.append("tea/1", 1, same), { firstVersion: 2, duplicate: false })
      yield* isSound(store, 2 + crowd - unknown)
    }))

  test("X2 another process that comes before both: both are planned again, in their order", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url, { pipeline })
      yield* store.append("tea/1", 0, events(1))
      const other = yield* open(url, { pipeline })
      const session = yield* operator(url)
      yield* session.ask({ text: lock })
      const its = yield* Effect.fork(other.append("tea/1", 1, events(1)))
      yield* inLine(session, 1)
      const under = yield* Effect.fork(Effect.either(store.append("tea/1", 1, events(1))))
      yield* inLine(session, 2)
      const anywhere = yield* Effect.fork(store.append("tea/1", "any", events(1)))
      const behind = yield* many(store, "cup")
      yield* allCame
      yield* session.ask({ text: "commit" })
      assert.deepInclude(yield* Fiber.join(its), { firstPosition: 2 })
      const moved = Either.getLeft(yield* Fiber.join(under))
      assert.deepInclude(moved._tag === "Some" && moved.value, { _tag: "StreamMoved", expected: 1 })
      assert.deepInclude(yield* Fiber.join(anywhere), { firstVersion: 3 })
      assert.isTrue((yield* Fiber.join(behind)).every(Either.isRight))
      yield* isSound(store, 3 + crowd)
    }))

  test("X2 another process that comes between the two: the second is planned again behind it", (url) =>
    Effect.gen(function*() {
      const [store, other] = yield* Effect.all([open(url, { pipeline }), open(url, { pipeline })])
      const session = yield* operator(url)
      // The other process finds somebody else's event: from then on it looks when it has the lock. The store is alone again at the end.
      yield* other.append("tea/2", 0, events(1))
      yield* store.append("tea/1", 0, events(1))
      yield* other.append("tea/2", 1, events(1))
      for (const version of [1, 2]) yield* store.append("tea/1", version, events(1))
      yield* session.ask({ text: lock })
      const under = yield* Effect.fork(store.append("tea/1", 3, events(1)))
      yield* inLine(session, 1)
      const its = yield* Effect.fork(other.append("tea/4", 0, events(1)))
      yield* inLine(session, 2)
      const late = yield* Effect.fork(Effect.flip(store.append("tea/4", 0, events(1))))
      const follows = yield* Effect.fork(store.append("tea/1", 4, events(1)))
      const behind = yield* many(store, "cup")
      yield* allCame
      yield* session.ask({ text: "commit" })
      assert.deepInclude(yield* Fiber.join(under), { firstPosition: 6, firstVersion: 4 })
      assert.deepInclude(yield* Fiber.join(its), { firstPosition: 7, firstVersion: 1 })
      assert.deepInclude(yield* Fiber.join(late), { _tag: "StreamMoved", expected: 0, actual: 1 })
      assert.deepInclude(yield* Fiber.join(follows), { firstVersion: 5 })
      assert.isTrue((yield* Fiber.join(behind)).every(Either.isRight))
      yield* isSound(store, 8 + crowd)
    }))

  test("S4 an event stated in the first round is not stated again in the second", (url) =>
    Effect.gen(function*() {
      const same: [NewEvent] = [event()]
      const { release, store, under } = yield* held(url, (store) => store.append("tea/1", "any", same))
      const again = yield* Effect.fork(store.append("tea/1", "any", same))
      const elsewhere = yield* Effect.fork(answer(store.append("tea/2", "any", same)))
      const behind = yield* many(store, "cup")
      yield* allCame
      yield* release
      const first = Either.getOrThrow(yield* Fiber.join(under))
      assert.deepInclude(first, { firstPosition: 2, duplicate: false })
      assert.deepInclude(yield* Fiber.join(again), { firstPosition: 2, firstVersion: 2, duplicate: true })
      assert.strictEqual(yield* Fiber.join(elsewhere), "EventIdTaken")
      assert.isTrue((yield* Fiber.join(behind)).every(Either.isRight))
      yield* isSound(store, 2 + crowd)
    }))

  test("S2 an append of the second round conflicts with what the first one moves", (url) =>
    Effect.gen(function*() {
      const { release, store, under } = yield* held(url, (store) => store.append("tea/1", 1, events(2)))
      const late = yield* Effect.fork(Effect.flip(store.append("tea/1", 1, events(1))))
      const follows = yield* Effect.fork(store.append("tea/1", 3, events(1)))
      const behind = yield* many(store, "cup")
      yield* allCame
      yield* release
      yield* Fiber.join(under)
      assert.deepInclude(yield* Fiber.join(late), { _tag: "StreamMoved", expected: 1 })
      assert.deepInclude(yield* Fiber.join(follows), { firstVersion: 4 })
      assert.isTrue((yield* Fiber.join(behind)).every(Either.isRight))
      yield* isSound(store, 4 + crowd)
    }))

  test("X4 what is under way counts: the queue refuses, and takes again when both are answered", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url, { pipeline, queue: { appendsMax: crowd } })
      const session = yield* operator(url)
      yield* session.ask({ text: lock })
      const first = yield* Effect.fork(store.append("tea/1", 0, events(1)))
      yield* inLine(session, 1)
      const behind = yield* many(store, "cup", crowd - 1)
      yield* allCame
      assert.strictEqual(yield* answer(store.append("tea/2", 0, events(1))), "Overloaded")
      yield* session.ask({ text: "commit" })
      yield* Fiber.join(first)
      assert.isTrue((yield* Fiber.join(behind)).every(Either.isRight))
      assert.strictEqual(yield* answer(store.append("tea/2", 0, events(1))), "Appended")
      yield* isSound(store, 1 + crowd)
    }))
})
