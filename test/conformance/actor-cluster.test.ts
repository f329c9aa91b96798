/** Actors on the real cluster: in memory, and as a node runs them, on PostgreSQL. */
import type * as Sharding from "@effect/cluster/Sharding"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as TestRunner from "@effect/cluster/TestRunner"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Actor from "@vivim/actor/Actor"
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import { Circle } from "@vivim/circle/Circle"
import { CommandId } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cornerOf, type World, worldOf } from "./ActorWorld.ts"
import { all, newId } from "./Events.ts"
import { about, ada, as, bo, create, rename, stream } from "./Lanterns.ts"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"
import { Tea } from "./Tea.ts"

const quiet = Logger.minimumLogLevel(LogLevel.None)
const options: ActorHost.HostOptions = { idleMax: "1 minute", mailboxMax: 4, underWayMax: 1, snapshotEvery: 1_000 }

/** Breaks when it is asked to pour nothing. */
const Clumsy = {
  ...Tea,
  decide: {
    ...Tea.decide,
    Pour: (state, payload, how) => {
      if (payload.note === "") throw new Error("the pot broke")
      return Tea.decide.Pour(state, payload, how)
    }
  }
} as typeof Tea

/** `several`: it is one of several that believe to be alone. */
type Cluster = (several?: "several") => Layer.Layer<Sharding.Sharding, unknown>

/** A node's actors, started on a world; they go to sleep with the scope. */
const start = (world: World, cluster: Cluster, several?: "several") =>
  Effect.gen(function*() {
    const hosts = ActorHost.layers([Circle, Clumsy] as unknown as ReadonlyArray<Actor.Any>, options)
    const ground = yield* world.ground(Layer.build(Layer.provideMerge(hosts, cluster(several))))
    const ask = yield* Effect.provide(ActorHost.client(Circle.address), ground)
    const brew = yield* Effect.provide(ActorHost.client(Clumsy.address), ground)
    return { ask, brew }
  })

interface Case {
  readonly title: string
  readonly holds: (world: World, cluster: Cluster) => Effect.Effect<void, unknown, Scope.Scope>
}

const test = (
  title: string,
  holds: (world: World, cluster: Cluster) => Generator<any, void, any>
): Case => ({ title, holds: (world, cluster) => Effect.gen(() => holds(world, cluster)) as never })

const cases: ReadonlyArray<Case> = [
  test(
    "G1 an actor answers with a receipt, and refuses at once in the words of the contract",
    function*(world, cluster) {
      const { ask } = yield* start(world, cluster)
      const receipt = yield* ask("CreateCircle", create(), as(ada))
      assert.deepInclude(receipt, { stream, version: 1 })
      const refusal: any = yield* Effect.flip(ask("RenameCircle", rename("Tea"), as(bo)))
      assert.strictEqual(refusal._tag, "NoSuchCircle")
      assert.strictEqual((yield* ask("RenameCircle", rename("Tea"), as(ada)) as any).version, 2)
    }
  ),

  test("A1 a command repeated after the node started again gets its first receipt, once", function*(world, cluster) {
    const creating = create()
    const receipt = yield* Effect.scoped(Effect.gen(function*() {
      const { ask } = yield* start(world, cluster)
      const first = yield* ask("CreateCircle", creating, as(ada))
      for (let n = 0; n < 25; n++) yield* ask("RenameCircle", rename(`Name ${n}`), as(ada))
      return first
    }))
    // It went to sleep in order, and left its state.
    assert.strictEqual((yield* world.snapshots.load(stream))?.version, 26)
    world.faults.eventsRead()
    const { ask } = yield* start(world, cluster)
    assert.deepStrictEqual(yield* ask("CreateCircle", creating, as(ada)), receipt)
    assert.strictEqual((yield* ask("AddMember", about(bo), as(ada)) as any).version, 27)
    assert.isBelow(world.faults.eventsRead(), 10)
  }),

  test("A3 two nodes that hold the same actor never leave two histories", function*(world, cluster) {
    const nodes = [yield* start(world, cluster, "several"), yield* start(world, cluster, "several")]
    yield* nodes[0]!.ask("CreateCircle", create(), as(ada))
    const answers = yield* Effect.forEach(
      Array.from({ length: 40 }, (_, n) => n),
      (n) => {
        const adding = about(`did:key:zN${Math.floor(n / 2)}` as never)
        return Effect.either(nodes[n % 2]!.ask("AddMember", adding, as(ada)))
      },
      { concurrency: 6 }
    )
    const refused = answers.filter(Either.isLeft).map(({ left }: any) => left._tag)
    assert.deepStrictEqual(refused, Array(20).fill("NothingToChange"))
    const versions = answers.filter(Either.isRight).map(({ right }: any) => right.version)
    assert.deepStrictEqual(versions.toSorted((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 2))
    assert.strictEqual((yield* all(world.log.read(stream))).length, 21)
  }),

  test("G1 more commands than a mailbox holds wait outside, and are all answered", function*(world, cluster) {
    const { ask } = yield* start(world, cluster)
    yield* ask("CreateCircle", create(), as(ada))
    const open: Effect.Effect<void> = yield* world.faults.hold
    const asking = yield* Effect.fork(Effect.forEach(
      Array.from({ length: 12 }, (_, n) => `did:key:zN${n}`),
      (member) => ask("AddMember", about(member as never), as(ada)),
      { concurrency: "unbounded" }
    ))
    yield* Effect.repeatN(Effect.yieldNow(), 500)
    yield* open
    const receipts: ReadonlyArray<any> = yield* Fiber.join(asking) as Effect.Effect<any>
    assert.strictEqual(new Set(receipts.map(({ version }) => version)).size, 12)
    assert.strictEqual((yield* world.log.streamHead(stream))?.version, 13)
  }),

  test("A6 a caller who goes away while it is being written finds it done, once", function*(world, cluster) {
    const { ask } = yield* start(world, cluster)
    yield* ask("CreateCircle", create(), as(ada))
    const adding = about(bo)
    const open: Effect.Effect<void> = yield* world.faults.hold
    const asking = yield* Effect.fork(ask("AddMember", adding, as(ada)))
    yield* Effect.repeatN(Effect.yieldNow(), 500)
    yield* Fiber.interruptFork(asking)
    yield* open
    assert.deepInclude(yield* ask("AddMember", adding, as(ada)), { stream, version: 2 })
    assert.deepInclude(yield* ask("AddMember", adding, as(ada)), { stream, version: 2 })
    assert.strictEqual((yield* world.log.streamHead(stream))?.version, 2)
  }),

  test("G1 a defect is told to its caller alone, and the actor lives on", function*(world, cluster) {
    const { brew } = yield* start(world, cluster)
    const pot = (fields: object) => ({ commandId: CommandId.make(newId()), pot: "d1", ...fields }) as any
    yield* brew("Fill", pot({ leaf: "sencha" }), as(ada))
    const others = yield* Effect.fork(Effect.forEach(["one", "two"], (note) => brew("Pour", pot({ note }), as(ada))))
    const exit = yield* Effect.exit(brew("Pour", pot({ note: "" }), as(ada)))
    assert(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    assert.include(Cause.pretty(exit.cause), "the pot broke")
    yield* Fiber.join(others)
    assert.strictEqual((yield* brew("Pour", pot({ note: "three" }), as(ada)) as any).version, 4)
  })
]

const inMemory = Effect.map(
  Layer.build(Layer.merge(EventStore.layerMemory, Snapshots.layerMemory)),
  (ground) => worldOf(Context.get(ground, EventStore), Context.get(ground, Snapshots))
)

/** While time passes. */
const passing = <A, E>(work: Effect.Effect<A, E>) =>
  Effect.raceFirst(work, Effect.forever(Effect.zipRight(Effect.yieldNow(), TestClock.adjust("50 millis"))))

describe("actors on a cluster in memory", () => {
  it.each(cases.map((one) => [one.title, one] as const))(
    "%s",
    (_, { holds }) =>
      Effect.flatMap(inMemory, (world) => holds(world, () => TestRunner.layer)).pipe(
        Effect.scoped,
        Effect.provide(quiet),
        Effect.runPromise
      )
  )

  it("A4 an actor that hears nothing goes to sleep, and wakes as it was", () =>
    Effect.gen(function*() {
      const world = yield* inMemory
      const { ask } = yield* start(world, () => TestRunner.layer)
      yield* passing(ask("CreateCircle", create(), as(ada)))
      for (let n = 0; n < 25; n++) yield* ask("RenameCircle", rename(`Name ${n}`), as(ada))
      assert.isNull(yield* world.snapshots.load(stream))
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* world.snapshots.load(stream))?.version, 26)
      world.faults.eventsRead()
      assert.strictEqual((yield* ask("AddMember", about(bo), as(ada))).version, 27)
      assert.strictEqual(world.faults.eventsRead(), 1)
    }).pipe(Effect.scoped, Effect.provide([quiet, TestContext.TestContext]), Effect.runPromise))
})

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("actors on a node's cluster, on PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let url: Redacted.Redacted<string>
  let log: EventStore["Type"]
  beforeAll(() =>
    Effect.gen(function*() {
      const server: TestServer = yield* serverPostgres
      url = yield* server.newDatabase
      log = Context.get(yield* Layer.build(PostgresEventStore.layer({ url, readersMax: 2 })), EventStore)
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const cluster: Cluster = (several) =>
    SingleRunner.layer({
      shardingConfig: { simulateRemoteSerialization: false },
      // As after a lease was lost: each holds every actor, and the log alone stands between them.
      runnerStorage: several === undefined ? "sql" : "memory"
    }).pipe(Layer.provide(PgClient.layer({ url, maxConnections: 3 })))

  it.each(cases.map((one) => [one.title, one] as const))("%s", (title, { holds }) =>
    Effect.gen(function*() {
      const snapshots = Context.get(yield* Layer.build(Snapshots.layerMemory), Snapshots)
      const corner = cornerOf(title.slice(0, 20), log, snapshots)
      yield* holds(worldOf(corner.log, corner.snapshots), cluster)
    }).pipe(Effect.scoped, Effect.provide(quiet), Effect.runPromise))
})
