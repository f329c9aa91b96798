/** Kits that take another's place, on a node in memory whose clock is in hand. */
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { assert, describe, it } from "vitest"
import * as Account from "./Account.ts"
import { life, origin, secret, two } from "./AccountLife.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as Kit from "./Kit.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NewKit from "./NewKit.ts"
import * as Recovery from "./Recovery.ts"

const known = Effect.map(Account.own, ({ keys }) => keys)

describe("a new kit", () => {
  it("N1 takes the place of the one that agrees for good: that one signs nothing more, and every device knows the new one", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop, phone } = yield* two(world)
        const fresh = yield* laptop(Kit.make)
        const other = yield* laptop(Kit.make)
        const stranger = yield* laptop(Effect.flip(NewKit.replace(world.calls, fresh, other.printed)))
        assert.strictEqual(stranger._tag, "KitOfAnother")
        yield* laptop(NewKit.replace(world.calls, fresh, created.kit))
        // Whoever was not answered asks again.
        yield* laptop(NewKit.replace(world.calls, fresh, created.kit))
        const lost = { origin, did: created.did, kit: created.kit }
        assert.strictEqual((yield* world.device()(Effect.flip(Recovery.find(lost))))._tag, "KitOfAnother")
        const heard = yield* phone(Effect.flatMap(known, (keys) => MasterKeys.fetch(world.calls, keys)))
        assert.deepStrictEqual(heard.kit, fresh.kem.publicKey)
        // A device cannot take back what a kit stated.
        const rival = yield* phone(Effect.flip(Recovery.find({ ...lost, from: 2 })))
        assert.strictEqual(rival._tag, "KitOfAnother")
        const saved = world.device()
        yield* saved(Recovery.recover({ ...lost, kit: fresh.printed }))
        assert.strictEqual(secret((yield* saved(known)).masterKeys[0]!.key), secret(heard.masterKeys[0]!.key))
      })
    ))

  it("N2 of a device's own word is taken back by the one before within 72 hours, with all it needs, and not after", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop } = yield* two(world)
        const lost = { origin, did: created.did, kit: created.kit }
        const [first, second] = [yield* laptop(Kit.make), yield* laptop(Kit.make)]
        yield* laptop(NewKit.replace(world.calls, first, null))
        yield* laptop(NewKit.replace(world.calls, second, null))
        yield* TestClock.adjust("71 hours")
        for (const kit of [second, first]) {
          assert.isTrue((yield* laptop(Recovery.find({ ...lost, kit: kit.printed }))).did === created.did)
        }
        const owner = world.device()
        yield* owner(Recovery.recover(lost))
        assert.lengthOf((yield* owner(known)).masterKeys, 1, "what was sealed opens, too")
        assert.isFalse(yield* laptop(Account.mayState))

        const third = yield* owner(Kit.make)
        yield* owner(NewKit.replace(world.calls, third, null))
        yield* TestClock.adjust("73 hours")
        assert.strictEqual((yield* world.device()(Effect.flip(Recovery.find(lost))))._tag, "KitTooLate")
      })
    ))

  it("N3 is the account's or is not, wherever it was cut off; what is left is done later", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop } = yield* two(world)
        const lost = { origin, did: created.did, kit: created.kit }
        const fresh = yield* laptop(Kit.make)
        const { kit: kept } = yield* laptop(Effect.flatMap(known, (keys) => MasterKeys.fetch(world.calls, keys)))
        assert.isNotNull(kept)
        // Cut off before it was stated: the one before holds, and is the one devices seal to.
        world.trouble.isLocked = true
        yield* laptop(Effect.flip(NewKit.replace(world.calls, fresh, null)))
        world.trouble.isLocked = false
        assert.isNotNull((yield* laptop(known)).nextKit)
        yield* world.device()(Recovery.find(lost))
        yield* laptop(NewKit.settle(world.calls))
        assert.deepInclude(yield* laptop(known), { nextKit: null, kit: kept })
        // Cut off after it was stated: it opens the master key already, and devices hear of it when it goes on.
        const silent = {
          ...world.calls,
          KeepKeyWraps: (asked: any) =>
            asked.wraps[0].deviceId === null ? world.calls.KeepKeyWraps(asked) : Effect.interrupt
        } as MasterKeys.SessionCalls
        yield* Effect.exit(laptop(NewKit.replace(silent, fresh, created.kit)))
        assert.deepStrictEqual((yield* laptop(known)).kit, kept)
        const found = yield* laptop(Recovery.find({ ...lost, kit: fresh.printed }))
        const wrap = world.wraps.find(({ deviceId }) => deviceId === null)!
        const master = yield* laptop(Kit.unwrap(found.kit, created.did, wrap.sealed))
        assert.strictEqual(secret(master), secret((yield* laptop(known)).masterKeys[0]!.key))
        yield* laptop(NewKit.settle(world.calls))
        assert.deepInclude(yield* laptop(known), { nextKit: null, kit: fresh.kem.publicKey })
        assert.deepStrictEqual((yield* laptop(DeviceKeys.read))?.kit, fresh.kem.publicKey)
      })
    ))
})
