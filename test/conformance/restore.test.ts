/** The laws of a restored log, on the embedded PostgreSQL and on a PostgreSQL server. */
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as PostgresRestore from "@vivim/event-store/PostgresRestore"
import * as EmbeddedPostgres from "@vivim/node/EmbeddedPostgres"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { all, events, type Store } from "./Events.ts"
import { newDatabase, noServer, serverPostgres, temporaryFolder } from "./ServerPostgres.ts"

type Fresh = Effect.Effect<Redacted.Redacted<string>>

const storeOn = (url: Redacted.Redacted<string>): Effect.Effect<Store, unknown, Scope.Scope> =>
  Effect.map(Layer.build(PostgresEventStore.layer({ url })), Context.get(EventStore))

/** A log of several streams, as another database has it. */
const written = (fresh: Fresh): Effect.Effect<ReadonlyArray<RecordedEvent>, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const store = yield* storeOn(yield* fresh)
    for (let i = 0; i < 40; i++) yield* store.append(`tea/t${i * i % 7}`, "any", events(1 + i % 5))
    yield* store.append("tea/large", "any", events(2, { private: new Uint8Array(1_000_000).fill(7) }))
    return yield* all(store.readAll(0))
  })

const plain = (log: ReadonlyArray<RecordedEvent>) =>
  log.map((event) =>
    Object.entries(event).map(([name, value]) =>
      value instanceof Uint8Array ? [name, Buffer.from(value).toString("base64")] : [name, value]
    )
  )

/** In pages, as a backup brings them. */
const restore = (url: Redacted.Redacted<string>, log: ReadonlyArray<RecordedEvent>, pageMax = 9) =>
  Effect.scoped(Effect.gen(function*() {
    const restoring = yield* PostgresRestore.begin(url)
    for (let i = 0; i < log.length; i += pageMax) yield* restoring.keep(log.slice(i, i + pageMax))
    yield* restoring.commit
  }))

const laws = (fresh: () => Fresh) => {
  const law = (title: string, holds: Effect.Effect<void, unknown, Scope.Scope>) =>
    it(title, () => Effect.runPromise(Effect.scoped(holds)))

  law(
    "J1 a restored log is the log it was, and goes on where it ended",
    Effect.gen(function*() {
      const log = yield* written(fresh())
      const url = yield* fresh()
      yield* restore(url, log)
      const store = yield* storeOn(url)
      assert.deepStrictEqual(plain(yield* all(store.readAll(0))), plain(log))
      const last = log.at(-1)!
      const place = yield* store.append(last.stream, last.version, events(1))
      assert.strictEqual(place.firstPosition, log.length + 1)
      // What was stated before the restore is known to have been.
      const first = log[0]!
      assert.isTrue((yield* store.append(first.stream, 0, [first])).duplicate)
      assert.deepStrictEqual(
        yield* Effect.flip(store.append(first.stream, 0, events(1))).pipe(Effect.map(({ _tag }) => _tag)),
        "StreamMoved"
      )
    })
  )

  law(
    "J1 a node that waits on the database hears of the restored log",
    Effect.gen(function*() {
      const log = yield* written(fresh())
      const url = yield* fresh()
      const store = yield* storeOn(url)
      const heard = yield* Effect.fork(all(store.follow(0).pipe(Stream.flattenIterables, Stream.take(log.length))))
      yield* restore(url, log)
      assert.deepStrictEqual(plain(yield* Fiber.join(heard)), plain(log))
      assert.strictEqual((yield* store.append("tea/new", 0, events(1))).firstPosition, log.length + 1)
    })
  )

  law(
    "J2 nobody sees anything of a restore before it is whole, and an append waits for it",
    Effect.gen(function*() {
      const log = yield* written(fresh())
      const url = yield* fresh()
      const store = yield* storeOn(url)
      const restoring = yield* PostgresRestore.begin(url)
      yield* restoring.keep(log)
      assert.strictEqual(yield* store.head, 0)
      assert.deepStrictEqual(yield* all(store.readAll(0)), [])
      const append = yield* Effect.fork(store.append("tea/new", 0, events(1)))
      yield* restoring.commit
      assert.strictEqual((yield* Fiber.join(append)).firstPosition, log.length + 1)
    })
  )

  law(
    "J2 a restore that is cut off leaves the log empty, and another can begin",
    Effect.gen(function*() {
      const log = yield* written(fresh())
      const url = yield* fresh()
      yield* Effect.scoped(
        Effect.flatMap(
          PostgresRestore.begin(url),
          (restoring) => Effect.zipRight(restoring.keep(log), restoring.ask({ text: "create table beside (x int)" }))
        )
      )
      const store = yield* storeOn(url)
      assert.deepStrictEqual(yield* all(store.readAll(0)), [])
      yield* restore(url, log)
      assert.strictEqual(yield* store.head, log.length)
      const again = yield* PostgresRestore.begin(yield* fresh())
      assert.deepStrictEqual(yield* again.ask({ text: "select to_regclass('beside') is null" }), [[true]])
    })
  )

  law(
    "J3 a log with events is refused as it is",
    Effect.gen(function*() {
      const log = yield* written(fresh())
      const url = yield* fresh()
      yield* restore(url, log.slice(0, 3))
      const refused = yield* Effect.flip(restore(url, log))
      assert.deepInclude(refused, { _tag: "LogNotEmpty", events: 3 })
      assert.strictEqual(yield* Effect.flatMap(storeOn(url), ({ head }) => head), 3)
    })
  )

  law(
    "J3 events that do not follow each other are refused, whole",
    Effect.gen(function*() {
      const log = yield* written(fresh())
      for (const wrong of [log.slice(1), log.toSpliced(12, 1), log.toSpliced(12, 0, log[11]!), log.toReversed()]) {
        const url = yield* fresh()
        assert.strictEqual((yield* Effect.flip(restore(url, wrong)))._tag, "EventStoreError")
        assert.strictEqual(yield* Effect.flatMap(storeOn(url), ({ head }) => head), 0)
      }
    })
  )
}

/** Lives as long as the tests of a `describe`. */
const lasting = <A>(make: Effect.Effect<A, unknown, Scope.Scope>): () => A => {
  const scope = Effect.runSync(Scope.make())
  let made: A
  beforeAll(async () => {
    made = await Effect.runPromise(Scope.extend(make, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => made
}

describe("a restored log on the embedded PostgreSQL", () => {
  const embedded = lasting(
    Effect.flatMap(
      temporaryFolder,
      (dataDir) => EmbeddedPostgres.start({ dataDir, settings: { max_connections: "120" } })
    )
  )
  laws(() => Effect.suspend(() => newDatabase(embedded().url)))
})

// Only where the system has PostgreSQL's server programs: `noServer` says why not.
describe.skipIf(noServer !== null)("a restored log on a PostgreSQL server", () => {
  const server = lasting(serverPostgres)
  laws(() => Effect.suspend(() => server().newDatabase))
})
