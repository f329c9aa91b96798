/** Actors that stand still, told at any door of a node of several processes: two of them, on one real database. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import type * as Actor from "@vivim/actor/Actor"
import * as ActorHost from "@vivim/actor/ActorHost"
import * as HybridClock from "@vivim/actor/HybridClock"
import * as Incarnation from "@vivim/actor/Incarnation"
import { Quarantine } from "@vivim/actor/Quarantine"
import { Snapshots } from "@vivim/actor/Snapshots"
import * as SqlQuarantine from "@vivim/actor/SqlQuarantine"
import { Circle } from "@vivim/circle/Circle"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { assert, describe } from "vitest"
import { passOver } from "./ActorSleepLaws.ts"
import { event, type Store } from "./Events.ts"
import { about, ada, as, bo, circleId, create, stream } from "./Lanterns.ts"
import { noServer } from "./ServerPostgres.ts"
import { eventually, onServer, open, type Url } from "./StoresOnServer.ts"

/** One process of the node: its door to actors that stand still, and a life of the circle. */
const processOf = (url: Url, store: Store) =>
  Effect.gen(function*() {
    const ground = yield* Layer.build(
      SqlQuarantine.layer(100).pipe(
        Layer.provideMerge(PgClient.layer({ url, maxConnections: 2 })),
        Layer.merge(Layer.mergeAll(
          Layer.succeed(EventStore, store),
          Layer.succeed(PayloadCipher, fromMasterKey(new Uint8Array(32).fill(7))),
          Snapshots.layerMemory
        ))
      )
    )
    const inside = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.provide(work, ground)
    const check = yield* inside(ActorHost.check([Circle] as unknown as ReadonlyArray<Actor.Any>))
    const clock = yield* HybridClock.make
    return {
      check,
      standing: inside(ActorHost.standing(check)),
      quarantine: yield* inside(Quarantine),
      sql: Context.get(ground, SqlClient.SqlClient),
      life: yield* inside(Incarnation.make(Circle as unknown as Actor.Any, circleId, { snapshotEvery: 100, clock }))
    }
  })

/** The circle stands still at version 2, as one of two processes has met. */
const stopped = (url: Url) =>
  Effect.gen(function*() {
    const store = yield* open(url)
    const [one, other] = [yield* processOf(url, store), yield* processOf(url, store)]
    yield* one.life.handle("CreateCircle", create(), as(ada))
    yield* store.append(stream, 1, [event({ owner: ada, type: "circle.CircleGilded" })])
    const adding = one.life.handle("AddMember", about(bo), as(ada))
    // It believed to know the stream: the append tells it otherwise.
    assert.strictEqual((yield* Effect.flip(adding))._tag, "Unavailable")
    const rows = Effect.map(one.sql`SELECT * FROM quarantined`, (rows) => JSON.stringify(rows))
    return { store, one, other, rows, adding }
  })

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("actors that stand still, in a company of processes", () => {
  const test = onServer()
  const quietly = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.provide(work, Logger.minimumLogLevel(LogLevel.None))

  test("U3 what one has met any other tells, with its reason; why is written down nowhere", (url) =>
    quietly(Effect.gen(function*() {
      const { one, other, rows } = yield* stopped(url)
      yield* eventually(Effect.map(rows, (now) => now === JSON.stringify([{ stream }])))
      assert.deepStrictEqual(other.quarantine.list(), [])
      const [told, ...others] = yield* other.standing
      assert.deepStrictEqual(others, [])
      assert.deepInclude(told, { stream, version: 2, type: "circle.CircleGilded" })
      assert.strictEqual(told!.reason, (yield* one.standing)[0]!.reason)
    })))

  test("U3 who has been mended is told by nobody, whoever had met it, and no note of it is left", (url) =>
    quietly(Effect.gen(function*() {
      const { adding, one, other, rows, store } = yield* stopped(url)
      yield* eventually(Effect.map(other.standing, ({ length }) => length === 1))
      yield* passOver(store, 2)
      assert.deepStrictEqual(yield* other.standing, [])
      assert.deepStrictEqual(yield* one.standing, [])
      yield* eventually(Effect.map(rows, (now) => now === "[]"))
      assert.strictEqual((yield* adding).version, 3)
      // Noted by a process that is gone, of an actor that folds by now: the first who asks strikes it out.
      yield* one.sql`INSERT INTO quarantined (stream) VALUES (${stream})`
      assert.deepStrictEqual(yield* other.standing, [])
      yield* eventually(Effect.map(rows, (now) => now === "[]"))
    })))

  test("U3 without the database what was met here is told all the same", (url) =>
    quietly(Effect.gen(function*() {
      const { one, other } = yield* stopped(url)
      yield* one.sql`ALTER TABLE quarantined RENAME TO elsewhere`
      assert.deepStrictEqual((yield* one.standing).map((stop) => stop.stream), [stream])
      assert.deepStrictEqual(yield* other.standing, [])
    })))
})
