/** The laws of the event store, over its twin in memory, the embedded PostgreSQL and a PostgreSQL server. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as EmbeddedPostgres from "@vivim/node/EmbeddedPostgres"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { archivedStore } from "./ArchivedStores.ts"
import { brokenStores } from "./BrokenEventStores.ts"
import type { Store } from "./Events.ts"
import { eventStoreLaws } from "./EventStoreLaws.ts"
import { histories, play } from "./EventStoreModel.ts"
import { newDatabase, noServer, serverPostgres, temporaryFolder } from "./ServerPostgres.ts"

type Fresh = Effect.Effect<Store, unknown, Scope.Scope>

const laws = (name: string, fresh: () => Fresh, runs: number) => {
  for (const { holds, title } of eventStoreLaws) {
    it(`${title} (${name})`, () => Effect.runPromise(Effect.scoped(Effect.flatMap(fresh(), holds))))
  }

  it(`random appends at once come out as one after the other (${name})`, () =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(fresh(), (store) => playMany([store], runs)))))
}

const playMany = (stores: ReadonlyArray<Store>, numRuns: number) =>
  Effect.promise(() =>
    FastCheck.assert(
      FastCheck.asyncProperty(histories, (history) => Effect.runPromise(play(stores, history) as Effect.Effect<void>)),
      { numRuns }
    )
  )

/** Lives as long as the tests of a `describe`. */
const shared = <A>(make: Effect.Effect<A, unknown, Scope.Scope>): () => A => {
  const scope = Effect.runSync(Scope.make())
  let made: A
  beforeAll(async () => {
    made = await Effect.runPromise(Scope.extend(make, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => made
}

/** `pieceMin`: 1 lets whatever comes go out behind the round under way. */
const onPostgres = (
  url: Effect.Effect<Redacted.Redacted<string>>,
  options: Partial<PostgresEventStore.Options> = {}
): Fresh =>
  Effect.flatMap(url, (url) => Layer.build(PostgresEventStore.layer({ url, ...options }))).pipe(
    Effect.map(Context.get(EventStore))
  )

describe("the event store in memory", () => {
  laws("memory", () => Effect.map(Layer.build(EventStore.layerMemory), Context.get(EventStore)), 300)
})

describe("the laws notice", () => {
  const memory: Fresh = Effect.map(Layer.build(EventStore.layerMemory), Context.get(EventStore))

  for (const { break: breaking, how, promise } of brokenStores) {
    it(`a store in which ${how} (${promise})`, async () => {
      const its = eventStoreLaws.filter(({ title }) => title.startsWith(promise))
      const exits = await Promise.all(
        its.map(({ holds }) =>
          Effect.runPromiseExit(
            Effect.scoped(Effect.flatMap(memory, (store) => holds(breaking(store)))).pipe(
              Effect.timeout("2 seconds")
            )
          )
        )
      )
      assert.isTrue(exits.some(Exit.isFailure))
    })
  }

  it("random appends notice a store in which the expected version is not looked at", async () => {
    const { break: breaking } = brokenStores.find(({ promise }) => promise === "S2")!
    const played = Effect.runPromise(Effect.scoped(Effect.flatMap(memory, (store) => playMany([breaking(store)], 300))))
    await assertRejects(played)
  })
})

const assertRejects = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail("it should have been noticed"),
    (error) => assert.match(String(error), /Property failed/)
  )

describe("the event store on the embedded PostgreSQL", () => {
  const server = shared(Effect.flatMap(temporaryFolder, (dataDir) => EmbeddedPostgres.start({ dataDir })))
  laws("embedded", () => onPostgres(newDatabase(server().url)), 40)
})

// Without the system's PostgreSQL programs there is no server to test on; the embedded one shows the same.
describe.skipIf(noServer !== null)("the event store on a PostgreSQL server", () => {
  const server = shared(serverPostgres)
  laws("server", () => onPostgres(server().newDatabase, { pipeline: { pieceMin: 1 } }), 40)

  // Each history archives and restores many times over.
  laws("server, archived", () => Effect.flatMap(server().newDatabase, archivedStore), 5)

  it("random appends through two processes' stores come out as one after the other", () =>
    Effect.runPromise(
      Effect.scoped(Effect.gen(function*() {
        const url = Effect.succeed(yield* server().newDatabase)
        const stores = yield* Effect.all([onPostgres(url, { pipeline: { pieceMin: 1 } }), onPostgres(url)], {
          concurrency: 2
        })
        yield* playMany(stores, 60)
      }))
    ))
})
