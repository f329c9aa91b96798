/** How accounts come to be with handles: on the real cluster, many at once, through crashes between claim and account. */
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as ActorHost from "@vivim/actor/ActorHost"
import * as Quarantine from "@vivim/actor/Quarantine"
import { Snapshots } from "@vivim/actor/Snapshots"
import { HandleAddress } from "@vivim/contract/Handle"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { CommandId, Did, DisplayName, Handle as Name } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import { Handle } from "@vivim/user/Handle"
import * as Registration from "@vivim/user/Registration"
import { User } from "@vivim/user/User"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { newId } from "./Events.ts"
import { noServer, serverPostgres } from "./ServerPostgres.ts"

const host: ActorHost.HostOptions = { idleMax: "20 seconds", mailboxMax: 64, underWayMax: 64, snapshotEvery: 100 }

/** Claims that lapse at once, so that none has to be waited for. */
const layers = (url: Redacted.Redacted) =>
  Registration.layer("0 seconds").pipe(
    Layer.provideMerge(ActorHost.layers([User, Handle], host)),
    Layer.provideMerge(Layer.sync(Quarantine.Quarantine, () => Quarantine.make(10))),
    Layer.provideMerge(SingleRunner.layer({ shardingConfig: { simulateRemoteSerialization: false } })),
    Layer.provideMerge(Layer.mergeAll(EventStore.layerMemory, Snapshots.layerMemory, PayloadCipher.layerMemory)),
    Layer.provideMerge(PgClient.layer({ url, maxConnections: 4 }))
  )

const register = (userId: string, handle: string) =>
  Effect.flatMap(Registration.Registration, ({ register }) =>
    register(
      {
        commandId: CommandId.make(newId()),
        userId: Did.make(userId),
        handle: Name.make(handle),
        displayName: DisplayName.make("Somebody")
      },
      { by: Did.make(userId), device: null }
    ))
const taken = (outcome: Either.Either<unknown, { readonly _tag: string }>) =>
  Either.isLeft(outcome) ? outcome.left._tag : "registered"

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("registration", () => {
  const scope = Effect.runSync(Scope.make())
  let run: <A, E>(work: Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof layers>>>) => Promise<A>
  beforeAll(() =>
    Effect.gen(function*() {
      const url = yield* Effect.flatMap(serverPostgres, ({ newDatabase }) => newDatabase)
      const context = yield* Layer.build(layers(url))
      run = (work) => Effect.runPromise(Effect.provide(work, context))
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  it("R1 of accounts opened at once with handles that look alike one is, and everyone else is told so", () =>
    run(Effect.gen(function*() {
      const looks = ["willow", "vvillow", "wi11ow", "will.ow", "w-i-l-l-o-w", "wlllow", "willow", "willow"]
      const outcomes = yield* Effect.forEach(
        looks,
        (handle, n) => Effect.either(register(`did:key:zWillow${n}`, handle)),
        { concurrency: "unbounded" }
      )
      const won = outcomes.filter(Either.isRight)
      assert.lengthOf(won, 1)
      assert.sameMembers(outcomes.map(taken), ["registered", ...Array.from({ length: 7 }, () => "HandleTaken")])
      const { readAll } = yield* EventStore
      const accounts = yield* readAll(0, { filter: { types: ["user.UserRegistered"] } }).pipe(Stream.runCollect)
      assert.strictEqual([...accounts].filter(({ stream }) => stream.includes("zWillow")).length, 1)
    })))

  it("R1 the same account asked for again is told that it is there; its handle is not in its way", () =>
    run(Effect.gen(function*() {
      yield* register("did:key:zAgain", "again")
      assert.strictEqual(taken(yield* Effect.either(register("did:key:zAgain", "again"))), "UserTaken")
    })))

  it("R2 a claim that came to nothing is taken over when its time is over; one with an account behind it is not", () =>
    run(Effect.gen(function*() {
      const ask = yield* ActorHost.client(HandleAddress)
      const claim = (handle: string, userId: string) =>
        ask(
          "ClaimHandle",
          {
            commandId: CommandId.make(newId()),
            handle: Name.make(handle),
            userId: Did.make(userId),
            until: 1,
            instead: null
          },
          { by: Did.make(userId), device: null }
        )
      yield* claim("lost", "did:key:zCrashed")
      assert.strictEqual(taken(yield* Effect.either(register("did:key:zNext", "l0st"))), "registered")
      // Opened, and nobody there to keep the handle: the process that does so is not at work in this test.
      yield* claim("owned", "did:key:zOwner")
      yield* register("did:key:zOwner", "owned")
      assert.strictEqual(taken(yield* Effect.either(register("did:key:zThief", "owned"))), "HandleTaken")
      assert.strictEqual(taken(yield* Effect.either(register("did:key:zThief", "owned"))), "HandleTaken")
    })))

  const patience = Effect.map(Layer.build(Registration.layer("1 hour")), Context.get(Registration.Registration))

  it("R3 who has an account, or is refused one, has kept nobody from a handle by asking for it", () =>
    run(
      Effect.gen(function*() {
        const { register: patient } = yield* patience
        const asked = (user: string, handle: string, genesis?: { operation: Uint8Array; kemKeys: [] }) => {
          const [userId, commandId] = [Did.make(user), CommandId.make(newId())]
          const payload = { commandId, userId, handle: Name.make(handle), displayName: DisplayName.make("Somebody") }
          return Effect.either(
            patient({ ...payload, ...genesis === undefined ? {} : { genesis } }, { by: userId, device: null })
          )
        }
        assert.strictEqual(taken(yield* asked("did:key:zGreedy", "greedy")), "registered")
        assert.strictEqual(taken(yield* asked("did:key:zGreedy", "more")), "UserTaken")
        const nonsense = { operation: Uint8Array.of(1), kemKeys: [] as [] }
        assert.strictEqual(taken(yield* asked("did:key:zWrong", "wrong", nonsense)), "OperationRefused")
        for (const handle of ["more", "wrong"]) {
          assert.strictEqual(taken(yield* asked(`did:key:z${handle}`, handle)), "registered", handle)
        }
      }).pipe(Effect.scoped)
    ))

  it("a claim whose time has not passed holds", () =>
    run(
      Effect.gen(function*() {
        const { register: patient } = yield* patience
        const one = { handle: Name.make("held"), displayName: DisplayName.make("One") }
        const first = Did.make("did:key:zFirst")
        yield* patient({ ...one, commandId: CommandId.make(newId()), userId: first }, { by: first, device: null })
        assert.strictEqual(taken(yield* Effect.either(register("did:key:zSecond", "held"))), "HandleTaken")
      }).pipe(Effect.scoped)
    ))
})
