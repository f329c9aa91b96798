/** Actors whose owner's keys come and go, and those whose keys were destroyed. */
import { assert, describe, it } from "@effect/vitest"
import * as Actor from "@vivim/actor/Actor"
import { Quarantine } from "@vivim/actor/Quarantine"
import { Snapshots } from "@vivim/actor/Snapshots"
import { CommandId, DocumentId } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { worldOf } from "./ActorWorld.ts"
import { newId } from "./Events.ts"
import { Tea } from "./Tea.ts"
import { ada, vaulted } from "./Vaulted.ts"

const command = (fields: object = {}) => ({ commandId: CommandId.make(newId()), pot: DocumentId.make("d1"), ...fields })
const by = (did: string) => ({ by: did as never, device: null })
const tagOf = (work: Effect.Effect<any, any>) => Effect.map(Effect.flip(work), ({ _tag }: any) => _tag)

const world = Effect.gen(function*() {
  const ground = yield* Layer.build(Layer.merge(EventStore.layerMemory, Snapshots.layerMemory))
  const keys = yield* vaulted
  return { ...keys, ...worldOf(Context.get(ground, EventStore), Context.get(ground, Snapshots), keys.cipher) }
})

describe("an actor whose owner has a vault", () => {
  it.scoped("A8 refuses everything while it is locked, and goes on when it is not; nobody else is held", () =>
    Effect.gen(function*() {
      const { lock, unlock, wake } = yield* world
      const life = yield* wake(Tea, "d1")
      yield* life.handle("Serve", command({ leaf: "sencha" }), by(ada))
      yield* lock
      const asleep = yield* wake(Tea, "d1")
      for (const one of [life, asleep]) {
        // Also what would be refused: whether the pot is full is the owner's alone to know.
        assert.strictEqual(yield* tagOf(one.handle("Pour", command({ note: "three" }), by(ada))), "VaultLocked")
        assert.strictEqual(yield* tagOf(one.handle("Fill", command({ leaf: "bancha" }), by(ada))), "VaultLocked")
      }
      const { list } = yield* Quarantine
      assert.deepStrictEqual(list().filter(({ stream }) => stream === "tea/d1"), [])
      const other = yield* wake(Tea, "d2")
      assert.strictEqual(
        (yield* other.handle("Fill", command({ pot: "d2", leaf: "oolong" }), by("did:key:zBo"))).version,
        1
      )
      yield* unlock
      for (const [n, one] of [life, asleep].entries()) {
        const pour = one.handle("Pour", command({ note: "more" }), by(ada))
        assert.strictEqual(n === 0 ? (yield* pour).version : yield* tagOf(pour), n === 0 ? 4 : "NothingToChange")
      }
    }))

  it.scoped("A8 folds past what was destroyed: by what is left of an event, and never stands still", () =>
    Effect.gen(function*() {
      const { cipher, log, vault, wake } = yield* world
      const life = yield* wake(Tea, "d1")
      yield* life.handle("Fill", command({ leaf: "sencha" }), by(ada))
      yield* vault.rotate({ owner: ada, stream: "tea/d1" })
      yield* life.handle("Pour", command({ note: "one" }), by(ada))
      yield* vault.destroy({ owner: ada, stream: "tea/d1" }, 1)
      const [first] = yield* Effect.map(Effect.succeed([yield* log.streamHead("tea/d1")]), (heads) => heads)
      assert.strictEqual(first?.version, 2)
      // Nothing is made of the destroyed event unless the actor says what.
      const forgetful = yield* wake(Tea, "d1")
      assert.strictEqual(yield* tagOf(forgetful.handle("Pour", command({ note: "two" }), by(ada))), "NothingToChange")
      const Mindful = Actor.make({ ...Tea, shredded: { "tea.Filled": (_, { owner }) => ({ owner, cups: 3 }) } })
      const mindful = yield* wake(Mindful, "d1")
      assert.strictEqual((yield* mindful.handle("Pour", command({ note: "two" }), by(ada))).version, 3)
      assert.isTrue(cipher.isOpen(ada))
    }))
})
