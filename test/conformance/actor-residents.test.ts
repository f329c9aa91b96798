/** Actors that are spoken to without a message, because they are awake beside the caller; on the real cluster, in memory. */
import * as Sharding from "@effect/cluster/Sharding"
import * as TestRunner from "@effect/cluster/TestRunner"
import type * as Actor from "@vivim/actor/Actor"
import * as ActorHost from "@vivim/actor/ActorHost"
import * as Caller from "@vivim/actor/Caller"
import { Snapshots } from "@vivim/actor/Snapshots"
import { Circle } from "@vivim/circle/Circle"
import * as Meta from "@vivim/event-schemas/Meta"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import * as Tracer from "effect/Tracer"
import { assert, describe, it } from "vitest"
import { type World, worldOf } from "./ActorWorld.ts"
import { all } from "./Events.ts"
import { ada, as, create, rename, stream } from "./Lanterns.ts"
import { type Law, law as lawOf } from "./Law.ts"

const options: ActorHost.HostOptions = { idleMax: "1 minute", mailboxMax: 4, underWayMax: 4, snapshotEvery: 1_000 }

/** One node, and what can be seen and done between it and its cluster. */
interface Node {
  readonly world: World
  readonly ask: Caller.Client<any>
  /** Messages to actors since the last time it was asked. */
  readonly messages: () => number
  /** Events that were stated among what belongs to a caller. */
  readonly intruders: () => number
  /** The shards are somebody else's by now, and back again. */
  readonly holds: (shards: boolean) => void
  readonly stop: Effect.Effect<void>
}

/** What a caller has about it, as a transaction it is in. */
class CallersOwn extends Context.Tag("@vivim/test/conformance/actor-residents.test/CallersOwn")<CallersOwn, "hers">() {}

type Change = (sharding: Sharding.Sharding["Type"]) => Sharding.Sharding["Type"]

/** `hostWaits`: how long actors wait at their end for who is still at work; callers wait as they always do. */
const nodeOf = (change: Change, hostWaits: Duration.DurationInput) =>
  Effect.gen(function*() {
    const kept = yield* Layer.build(Layer.merge(EventStore.layerMemory, Snapshots.layerMemory))
    let [messages, holds, intruders] = [0, true, 0]
    const world = worldOf(Context.get(kept, EventStore), Context.get(kept, Snapshots), undefined, (store) => ({
      ...store,
      append: (...of) =>
        Effect.zipRight(
          Effect.map(Effect.serviceOption(CallersOwn), (found) => void (intruders += found._tag === "Some" ? 1 : 0)),
          store.append(...of)
        )
    }))
    const watched = Layer.effect(
      Sharding.Sharding,
      Effect.map(Sharding.Sharding, (sharding) =>
        change({
          ...sharding,
          hasShardId: (shard) => holds && sharding.hasShardId(shard),
          makeClient: (entity) =>
            Effect.map(sharding.makeClient(entity), (to) => (id: string) => {
              messages++
              return to(id)
            }) as any
        }))
    ).pipe(Layer.provide(TestRunner.layer))
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const hosts = ActorHost.layers([Circle] as unknown as ReadonlyArray<Actor.Any>, options).pipe(
      Layer.provide(Layer.succeed(Caller.Times, { attemptMax: hostWaits, patience: "30 seconds" })),
      Layer.provideMerge(watched)
    )
    const ground = yield* world.ground(Scope.extend(Layer.build(hosts), scope))
    const ask = yield* Effect.provide(ActorHost.client(Circle.address), ground)
    return {
      world,
      ask,
      messages: () => {
        const since = messages
        messages = 0
        return since
      },
      intruders: () => intruders,
      holds: (shards) => void (holds = shards),
      stop: Scope.close(scope, Exit.void)
    } satisfies Node
  })

const law = lawOf<Node>

/** While time passes. */
const passing = <A, E>(work: Effect.Effect<A, E>) =>
  Effect.raceFirst(work, Effect.forever(Effect.zipRight(Effect.yieldNow(), TestClock.adjust("50 millis"))))

let names = 0
const renamed = ({ ask }: Node) => ask("RenameCircle", rename(`Name ${++names}`), as(ada))

const laws = {
  direct: law("R1 who is awake beside the caller is told without a message", function*(node) {
    yield* passing(node.ask("CreateCircle", create(), as(ada)))
    assert.strictEqual(node.messages(), 1)
    for (let n = 0; n < 10; n++) yield* renamed(node)
    assert.strictEqual(node.messages(), 0)
    assert.strictEqual((yield* node.world.log.streamHead(stream))?.version, 11)
  }),

  moved: law("R1 whose shard has moved is asked through the cluster, and so is who has been stopped", function*(node) {
    yield* passing(node.ask("CreateCircle", create(), as(ada)))
    node.messages()
    node.holds(false)
    yield* renamed(node)
    assert.strictEqual(node.messages(), 1)
    node.holds(true)
    yield* renamed(node)
    assert.strictEqual(node.messages(), 0)
    yield* passing(node.stop)
    yield* passing(Effect.exit(renamed(node)))
    assert.isAbove(node.messages(), 0)
  }),

  awake: law(
    "R2 who is spoken to directly does not fall asleep meanwhile, and does when it hears nothing",
    function*(node) {
      yield* passing(node.ask("CreateCircle", create(), as(ada)))
      node.world.faults.eventsRead()
      node.messages()
      for (let n = 0; n < 40; n++) {
        yield* TestClock.adjust("5 seconds")
        yield* renamed(node)
      }
      assert.isBelow(node.messages(), 30, "most went without a message")
      yield* TestClock.adjust("58 seconds")
      assert.isNull(yield* node.world.snapshots.load(stream))
      yield* renamed(node)
      yield* TestClock.adjust("58 seconds")
      assert.isNull(yield* node.world.snapshots.load(stream), "it was spoken to less than a minute ago")
      assert.strictEqual(node.world.faults.eventsRead(), 0, "nobody woke anew")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* node.world.snapshots.load(stream))?.version, 42)
      node.messages()
      yield* passing(renamed(node))
      assert.strictEqual(node.messages(), 1, "who sleeps is woken by the cluster")
    }
  ),

  apart: law("R4 nothing that belongs to a caller is there where the actor works", function*(node) {
    yield* passing(node.ask("CreateCircle", create(), as(ada)))
    node.messages()
    yield* Effect.provideService(renamed(node), CallersOwn, "hers")
    assert.strictEqual(node.messages(), 0)
    assert.strictEqual(node.intruders(), 0)
  }),

  traced: law("R1 either way the events say in which trace their command was given", function*(node) {
    const traced = (n: number, work: Effect.Effect<unknown, unknown>) =>
      Effect.withParentSpan(work, Tracer.externalSpan({ traceId: "a".repeat(32), spanId: `${n}`.repeat(16) }))
    yield* passing(traced(1, node.ask("CreateCircle", create(), as(ada))))
    yield* traced(2, renamed(node))
    yield* renamed(node)
    assert.strictEqual(node.messages(), 1)
    const told = (yield* all(node.world.log.read(stream))).map(({ meta }) => Meta.decode(meta).trace)
    assert.deepStrictEqual(
      told,
      [1, 2].map((n) => `00-${"a".repeat(32)}-${`${n}`.repeat(16)}-01`).concat(null as never)
    )
  }),

  finished: law("R3 what was told directly is finished before the actor lays its state down", function*(node) {
    yield* passing(node.ask("CreateCircle", create(), as(ada)))
    for (let n = 0; n < 25; n++) yield* renamed(node)
    const open: Effect.Effect<void> = yield* node.world.faults.hold
    const asking = yield* Effect.fork(renamed(node))
    yield* Effect.repeatN(Effect.yieldNow(), 200)
    assert.strictEqual(node.world.faults.appendsHeld(), 1)
    const stopping = yield* Effect.fork(node.stop)
    yield* Effect.repeatN(Effect.yieldNow(), 500)
    yield* Effect.repeatN(Effect.zipRight(TestClock.adjust("50 millis"), Effect.yieldNow()), 50)
    assert.isNull(yield* node.world.snapshots.load(stream), "it has not said all yet")
    yield* open
    yield* passing(Fiber.join(stopping))
    assert.strictEqual((yield* Fiber.join(asking) as any).version, 27)
    assert.strictEqual((yield* node.world.snapshots.load(stream))?.version, 27)
  })
} satisfies Record<string, Law<Node>>

const hold = (law: Law<Node>, change: Change = (same) => same, hostWaits: Duration.DurationInput = "10 seconds") =>
  Effect.flatMap(nodeOf(change, hostWaits), law.holds).pipe(
    Effect.scoped,
    Effect.provide([Logger.minimumLogLevel(LogLevel.None), TestContext.TestContext]),
    Effect.runPromiseExit
  )

const hosting = (change: (options: any) => object): Change => (sharding) => ({
  ...sharding,
  registerEntity: (entity, handlers, options) =>
    sharding.registerEntity(entity, handlers, { ...options, ...change(options) })
})

describe("residents", () => {
  it.each(Object.values(laws).map((one) => [one.title, one] as const))("%s", async (_, one) => {
    const found = await hold(one)
    if (Exit.isFailure(found)) assert.fail(String(found))
  })

  it.each(
    [
      ["knows nobody as near", laws.direct, (sharding) => ({ ...sharding, hasShardId: () => false })],
      ["takes everybody for near", laws.moved, (sharding) => ({ ...sharding, hasShardId: () => true })],
      ["puts to sleep whom it hears nothing of", laws.awake, hosting(() => ({ maxIdleTime: "5 seconds" }))],
      ["never puts anybody to sleep", laws.awake, hosting(() => ({ maxIdleTime: Duration.infinity }))],
      ["works among what is its caller's", laws.apart, (sharding) => ({
        ...sharding,
        registerEntity: (entity, handlers, options) =>
          sharding.registerEntity(entity, Effect.provideService(handlers, CallersOwn, "hers"), options)
      })],
      ["waits for nobody at the end", laws.finished, (same) => same, "1 nanos"]
    ] satisfies ReadonlyArray<readonly [string, Law<Node>, Change, Duration.DurationInput?]>
  )(
    "a node that %s is found out",
    async (_, one, change, hostWaits?: Duration.DurationInput) => {
      assert.isTrue(Exit.isFailure(await hold(one, change, hostWaits)))
    }
  )
})
