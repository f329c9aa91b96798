/** How accounts stand, as a process hears of it. */
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { Did, nodeItself } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { assert, it } from "vitest"
import { Standing } from "./Standing.ts"
import * as Standings from "./Standings.ts"

const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]

it("T1 knows what was decided before it began, and what is decided by others, and when a rest is over", () =>
  Effect.gen(function*() {
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
  }).pipe(
    Effect.provide(Layer.mergeAll(EventStore.layerMemory, Snapshots.layerMemory, PayloadCipher.layerMemory)),
    Effect.runPromise
  ))
