/** Accounts taken back with their kits, on a node in memory whose clock is in hand. */
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

describe("recovery", () => {
  it("C1 the kit gives the account to a new device, again and again, and opens its master keys; a locked vault too", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop } = yield* two(world)
        const first = yield* laptop(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(world.calls, keys)))
        for (const generation of [2, 3]) {
          const next = world.device()
          world.trouble.isLocked = true
          const kit = yield* next(Recovery.recover({ origin, did: created.did, kit: created.kit }))
          yield* next(Recovery.unlock(world.calls, kit, () => Effect.void))
          const { keys } = yield* next(Account.own)
          assert.strictEqual(secret(keys.masterKeys[0]!.key), secret(first.masterKeys[0]!.key))
          assert.strictEqual(keys.masterKeys.at(-1)?.generation, generation)
        }
        assert.isFalse(yield* laptop(Account.mayState))
      })
    ))

  it("C2 voids what a thief stated within 72 hours, and cannot any more after", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop, phone } = yield* two(world)
        const { deviceId } = yield* phone(Account.signer)
        // The laptop is stolen: the phone is thrown out, and the kit with it.
        yield* laptop(Account.state(({ devices }) => ({
          devices: Object.fromEntries(Object.entries(devices).filter(([id]) => id !== deviceId)),
          recovery: []
        })))
        yield* TestClock.adjust("71 hours")
        const [step] = yield* phone(Recovery.history(origin, created.did))
        assert.deepInclude(step, { seq: 2, removed: [deviceId], voidable: true })
        const lost = { origin, did: created.did, kit: created.kit }
        const saved = world.device()
        yield* saved(Recovery.recover(lost))
        assert.isTrue(yield* saved(Account.mayState))
        assert.isFalse(yield* laptop(Account.mayState))

        yield* saved(Account.state(() => ({ recovery: [] })))
        yield* TestClock.adjust("73 hours")
        const late = yield* world.device()(Effect.flip(Recovery.recover({ ...lost, from: 3 })))
        assert.strictEqual(late._tag, "KitTooLate")
      })
    ))

  it("C2 gives the account back also where a thief had the next master key sealed to a kit of their own", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop, phone } = yield* two(world)
        const { deviceId } = yield* phone(Account.signer)
        yield* laptop(Effect.flatMap(laptop(Kit.make), (kit) => NewKit.replace(world.calls, kit, null)))
        yield* laptop(Account.revoke(world.calls, deviceId, () => Effect.void))
        const saved = world.device()
        yield* saved(Recovery.recover({ origin, did: created.did, kit: created.kit }))
        assert.isTrue(yield* saved(Account.mayState))
        assert.isFalse(yield* laptop(Account.mayState))
        assert.lengthOf((yield* saved(Account.own)).keys.masterKeys, 0)
      })
    ))

  it("C3 the kit that took another's place opens the account from then on, and the one that was used opens nothing", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created } = yield* two(world)
        const [tablet, late] = [world.device(), world.device()]
        const lost = { origin, did: created.did, kit: created.kit }
        const found = yield* tablet(Recovery.find(lost))
        assert.strictEqual(found.devices, 2)
        assert.isNull(yield* tablet(DeviceKeys.read))
        const fresh = yield* tablet(Kit.make)
        yield* tablet(Recovery.take(found, fresh))
        // Whoever was cut off asks again.
        yield* tablet(Recovery.take(found, fresh))
        const master = yield* tablet(Recovery.unlock(world.calls, found.kit))
        assert.strictEqual((yield* late(Effect.flip(Recovery.find(lost))))._tag, "KitOfAnother")
        const kit = yield* late(Recovery.recover({ ...lost, kit: fresh.printed }))
        assert.strictEqual(secret((yield* late(Recovery.unlock(world.calls, kit))).key), secret(master.key))
      })
    ))
})
