/** Who leaves last locks: sessions that are ended, that expire, and accounts that may not act, over a log in memory. */
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { checkOf } from "@vivim/crypto/vault/KeyRing"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import { Did, nodeItself } from "@vivim/event-schemas/ids"
import { SessionEnded } from "@vivim/event-schemas/session/index"
import { SessionId } from "@vivim/event-schemas/session/Means"
import { EventStore } from "@vivim/event-store/EventStore"
import { SessionLog } from "@vivim/session/SessionLog"
import { Sessions } from "@vivim/session/Sessions"
import { Standing } from "@vivim/standing/Standing"
import * as Standings from "@vivim/standing/Standings"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { assert, it } from "vitest"
import * as LastSession from "./LastSession.ts"

const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
const storeKey = new Uint8Array(32).fill(5)

/** Ada and Bo have unlocked their vaults; `signedIn` says whose sessions go on. */
const world = Effect.gen(function*() {
  const vault = yield* KeyVault
  for (const userId of [ada, bo]) {
    yield* vault.enroll(userId, Redacted.make(checkOf(storeKey)))
    yield* vault.unlock(userId, Redacted.make(storeKey))
  }
  const noted = yield* ActorHost.visit(SessionLog)
  const decided = yield* ActorHost.visit(Standing)
  return {
    states: Effect.sync(() => [ada, bo].map(vault.state)),
    /** A session of a user is over, as its own log says. */
    ends: Effect.fnUntraced(function*(userId: Did, why: "signed-out" | "device-revoked" = "signed-out") {
      const event = SessionEnded({ userId, sessionId: SessionId.make("A".repeat(22)), why })
      yield* noted(userId, userId, false)("NoteSession", { commandId: yield* CommandIds.next, userId, event })
    }),
    suspend: Effect.fnUntraced(function*(userId: Did) {
      const until = Number.MAX_SAFE_INTEGER
      yield* decided("node", nodeItself, false)("SuspendAccount", {
        ...{ commandId: yield* CommandIds.next, userId, reason: "so", until }
      })
    }),
    until: (state: string, userId: Did) =>
      Effect.repeat(Effect.zipRight(Effect.yieldNow(), Effect.sync(() => vault.state(userId))), {
        until: (now) => now === state
      })
  }
})

const signedIn = new Set<string>()
/** Nothing else is asked of them. */
const answers: Pick<Sessions["Type"], "signedIn"> = {
  signedIn: (userIds) => Effect.sync(() => new Set(userIds.filter((userId) => signedIn.has(userId))))
}
const sessions = Layer.succeed(Sessions, answers as Sessions["Type"])

const held = <E>(
  who: ReadonlyArray<Did>,
  work: (all: Effect.Effect.Success<typeof world>) => Effect.Effect<void, E>
) => {
  signedIn.clear()
  for (const userId of who) signedIn.add(userId)
  return Effect.flatMap(world, work).pipe(
    Effect.provide(
      LastSession.layer("20 seconds").pipe(
        Layer.provideMerge(Standings.layer),
        Layer.provideMerge(Layer.mergeAll(
          EventStore.layerMemory,
          Snapshots.layerMemory,
          PayloadCipher.layerMemory,
          KeyVault.layerMemory,
          sessions
        )),
        Layer.provideMerge(TestContext.TestContext)
      )
    ),
    Effect.runPromise
  )
}

it("K1 the last session that ends locks its account's vault, and no other", () =>
  held([ada, bo], ({ ends, states, until }) =>
    Effect.gen(function*() {
      // The first of two.
      yield* ends(ada)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* states, ["unlocked", "unlocked"])
      signedIn.delete(ada)
      yield* ends(ada)
      yield* until("locked", ada)
      assert.deepStrictEqual(yield* states, ["locked", "unlocked"])
    })))

it("K2 who is found twice without a session is locked; who never had one is not looked for", () =>
  held([ada], ({ ends, states }) =>
    Effect.gen(function*() {
      yield* ends(ada)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* states, ["unlocked", "unlocked"], "Bo never had a session")
      signedIn.delete(ada)
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* states, ["unlocked", "unlocked"], "they may be about to sign in")
      signedIn.add(ada)
      yield* TestClock.adjust("20 seconds")
      signedIn.delete(ada)
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* states, ["unlocked", "unlocked"], "not twice in a row")
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* states, ["locked", "unlocked"])
    })))

it("K2 who takes an account back with the kit has time to sign in, and is locked when they do not", () =>
  held([bo], ({ ends, states, until }) =>
    Effect.gen(function*() {
      // The one that was lost goes, and its session with it.
      yield* ends(ada, "device-revoked")
      yield* ends(bo, "device-revoked")
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* states, ["unlocked", "unlocked"])
      yield* TestClock.adjust("20 seconds")
      yield* until("locked", ada)
      assert.deepStrictEqual(yield* states, ["locked", "unlocked"])
    })))

it("K3 an account that is suspended is locked, signed in or not", () =>
  held([ada, bo], ({ states, suspend, until }) =>
    Effect.gen(function*() {
      yield* suspend(bo)
      yield* until("locked", bo)
      assert.deepStrictEqual(yield* states, ["unlocked", "locked"])
    })))
