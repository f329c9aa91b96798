/** How accounts stand, as a process hears of it. */
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { Did, nodeItself } from "@vivim/event-schemas/ids"
import type { Role } from "@vivim/event-schemas/standing/Role"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { assert, it } from "vitest"
import { Standing } from "./Standing.ts"
import * as Standings from "./Standings.ts"

const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]

const held = (work: Effect.Effect<void, unknown, EventStore | PayloadCipher | Snapshots>) =>
  work.pipe(
    Effect.provide(Layer.mergeAll(EventStore.layerMemory, Snapshots.layerMemory, PayloadCipher.layerMemory)),
    Effect.runPromise
  )

it("T1 knows what was decided before it began, and what is decided by others, and when a rest is over", () =>
  held(Effect.gen(function*() {
    const visit = (yield* ActorHost.visit(Standing))("node", nodeItself, false)
    const about = (userId: Did) => Effect.map(CommandIds.next, (commandId) => ({ commandId, userId, reason: "so" }))
    yield* visit("GrantRole", { ...yield* about(ada), role: "admin" })
    yield* Effect.gen(function*() {
      const standings = yield* Standings.Standings
      assert.isTrue(standings.hasAdmin())
      assert.deepStrictEqual(standings.of(ada, 0), { roles: ["admin"], rests: null })
      assert.deepStrictEqual(standings.of(bo, 0), { roles: [], rests: null })
      const until = Number.MAX_SAFE_INTEGER
      yield* visit("SuspendAccount", { ...yield* about(bo), until })
      const heard = yield* Effect.repeat(Effect.sync(() => standings.of(bo, 0)), {
        until: ({ rests }) => rests !== null
      })
      assert.deepStrictEqual(heard.rests, { banned: false, until })
      assert.isNull(standings.of(bo, until).rests)
    }).pipe(Effect.provide(Standings.layer))
  })))

it("T2 tells who watches an account of each decision about it, and of none about others", () =>
  held(
    Effect.gen(function*() {
      const visit = (yield* ActorHost.visit(Standing))("node", nodeItself, false)
      const grant = (userId: Did, role: Role) =>
        Effect.flatMap(CommandIds.next, (commandId) => visit("GrantRole", { commandId, userId, role, reason: "so" }))
      const { of, watch } = yield* Standings.Standings
      const seen = yield* Queue.unbounded<Standings.Stand>()
      yield* Effect.fork(Stream.runForEach(watch(bo), (stand) => Queue.offer(seen, stand)))
      assert.deepStrictEqual(yield* Queue.take(seen), { roles: [], rests: null })
      yield* grant(ada, "admin")
      yield* grant(bo, "operator")
      assert.deepStrictEqual(yield* Queue.take(seen), { roles: ["operator"], rests: null })
      assert.deepStrictEqual(of(bo, 0).roles, ["operator"], "what it was told is known")
      assert.strictEqual(yield* Queue.size(seen), 0)
    }).pipe(Effect.provide(Standings.layer))
  ))
