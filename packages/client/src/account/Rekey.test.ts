/** All keys of an account exchanged: accounts on a node in memory, with a vault that is a node's own and a sealed conversation. */
import { VaultStatus, WrongStoreKey } from "@vivim/contract/Vault"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { assert, describe, it } from "vitest"
import * as SealedExample from "../sealed/SealedExample.ts"
import * as SealedForm from "../sealed/SealedForm.ts"
import * as Account from "./Account.ts"
import { life, origin, two } from "./AccountLife.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as Kit from "./Kit.ts"
import type { MasterKey } from "./MasterKeys.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NewKit from "./NewKit.ts"
import * as Recovery from "./Recovery.ts"
import * as Rekey from "./Rekey.ts"

type World = Parameters<Parameters<typeof life>[0]>[0]

const wrong = () => new WrongStoreKey({ message: "no" })
const known = Effect.map(Account.own, ({ keys }) => keys)

/** The account's vault, and one conversation sealed under its first master key. */
const stores = (world: World, did: Did, first: MasterKey) =>
  Effect.gen(function*() {
    const vault = yield* KeyVault
    const place = { ...SealedExample.place, owner: did }
    const sealed = {
      documentId: place.documentId,
      version: 1,
      revision: place.revision,
      head: null,
      files: [],
      messages: []
    }
    let key = yield* SealedForm.wrap(first, place, SealedExample.key)
    const trouble = { vault: false, sealed: false }
    const status = () => VaultStatus.make({ state: vault.state(did) })
    const door = (work: Effect.Effect<unknown, unknown>) =>
      Effect.mapBoth(work, { onFailure: wrong, onSuccess: status })
    const calls = {
      ...world.calls,
      WatchVault: () => Stream.sync(status),
      EnrollVault: ({ check }: any) => door(vault.enroll(did, check)),
      UnlockVault: ({ storeKey }: any) => door(vault.unlock(did, storeKey)),
      RekeyVault: ({ next, storeKey }: any) =>
        trouble.vault
          ? Effect.interrupt
          : door(Effect.zipRight(vault.replace(did, storeKey, next), vault.rewrap(did, () => Effect.void))),
      WatchLibrary: ({ trashed }: any) =>
        Stream.make({
          total: trashed === true ? 0 : 1,
          items: trashed === true ? [] : [{ documentId: place.documentId, sealed: { ...sealed, key } }]
        }),
      ReadSealed: () => Effect.succeed({ ...sealed, key }),
      RewrapSealedKey: (asked: any) => trouble.sealed ? Effect.interrupt : Effect.sync(() => void (key = asked.key))
    } as unknown as Rekey.RekeyCalls
    const opensVault = ({ key }: MasterKey) =>
      Effect.gen(function*() {
        yield* vault.lock(did)
        return (yield* Effect.either(vault.unlock(did, yield* KeyHierarchy.branch(key, "store"))))._tag === "Right"
      })
    const opensSealed = (master: MasterKey) =>
      Effect.map(
        Effect.either(
          SealedForm.unwrap({ owner: did, masterKeys: [{ ...master, generation: key.generation }] }, place, key)
        ),
        ({ _tag }) => _tag === "Right"
      )
    const opens = (master: MasterKey) => Effect.all([opensVault(master), opensSealed(master)])
    return { calls, trouble, opens }
  }).pipe(Effect.provide(ReferenceCryptoSuite.layer))

const provided = <A, E>(work: Effect.Effect<A, E, KeyVault | CryptoSuite>) =>
  Effect.provide(work, Layer.merge(KeyVault.layerMemory, ReferenceCryptoSuite.layer))

/** Ada's phone and laptop with their stores, unlocked; what the phone knows is what somebody keeps of it who was let go. */
const begun = (world: World) =>
  Effect.gen(function*() {
    const { created, laptop, phone } = yield* two(world)
    const first = (yield* phone(known)).masterKeys[0]!
    const there = yield* stores(world, created.did, first)
    const rekey = Rekey.rekey(there.calls)
    const { deviceId } = yield* phone(Account.signer)
    for (const device of [phone, laptop]) assert.strictEqual(yield* device(rekey), "current")
    return { ...there, created, laptop, phone, deviceId, first, rekey }
  })
const newest = Effect.map(known, (keys) => DeviceKeys.masterKeyOf(keys)!)

describe("new keys", () => {
  it("X1 are due after a device left or a kit signed, and not again; what keys say of when they were made is handed on", () =>
    life((world) =>
      provided(Effect.gen(function*() {
        const { created, deviceId, laptop, rekey } = yield* begun(world)
        yield* laptop(Account.revoke(world.calls, deviceId))
        assert.strictEqual(yield* laptop(rekey), "exchanged")
        assert.strictEqual(yield* laptop(rekey), "current")
        const fresh = yield* laptop(Kit.make)
        yield* laptop(NewKit.replace(world.calls, fresh, created.kit))
        assert.strictEqual(yield* laptop(rekey), "exchanged")
        const third = yield* laptop(Kit.make)
        yield* laptop(NewKit.replace(world.calls, third, null))
        assert.strictEqual(yield* laptop(rekey), "current", "the kit before may take it back yet")
        yield* TestClock.adjust("73 hours")
        assert.strictEqual(yield* laptop(rekey), "exchanged")
        assert.strictEqual(yield* laptop(rekey), "current")
        const saved = world.device()
        yield* saved(Recovery.recover({ origin, did: created.did, kit: third.printed }))
        assert.strictEqual(yield* saved(rekey), "exchanged", "all devices left")
        assert.strictEqual(yield* saved(rekey), "current")
        assert.strictEqual((yield* saved(newest)).generation, 5)
      }))
    ))

  it("X2 open what the old ones open no more, wherever they were cut off", () =>
    life((world) =>
      provided(Effect.gen(function*() {
        const { calls, deviceId, first, laptop, opens, rekey, trouble } = yield* begun(world)
        assert.deepStrictEqual(yield* opens(first), [true, true])
        yield* laptop(Account.revoke(world.calls, deviceId))
        // Before there is a new one, before the vault's key, before those of sealed conversations.
        const deaf = { ...calls, KeepKeyWraps: () => Effect.interrupt } as unknown as Rekey.RekeyCalls
        yield* Effect.exit(laptop(Rekey.rekey(deaf)))
        trouble.vault = true
        yield* Effect.exit(laptop(rekey))
        trouble.vault = false
        assert.deepStrictEqual(yield* opens(first), [true, true])
        trouble.sealed = true
        yield* Effect.exit(laptop(rekey))
        trouble.sealed = false
        assert.deepStrictEqual(yield* opens(first), [false, true])
        assert.strictEqual(yield* laptop(rekey), "exchanged", "the rest of it")
        assert.strictEqual(yield* laptop(rekey), "current")
        assert.deepStrictEqual(yield* opens(first), [false, false])
        assert.deepStrictEqual(yield* opens(yield* laptop(newest)), [true, true])
      }))
    ))

  it("X3 are not made while the kit would be left behind, and are once there is a new one", () =>
    life((world) =>
      provided(Effect.gen(function*() {
        const { created, deviceId, first, laptop, opens, rekey } = yield* begun(world)
        yield* laptop(Account.revoke(world.calls, deviceId))
        // As devices were that knew no kit: neither they nor what they were handed.
        const earlier = { ...yield* laptop(known), kit: null }
        yield* laptop(Effect.zipRight(DeviceKeys.keep(earlier), MasterKeys.deposit(world.calls, earlier, first)))
        assert.strictEqual(yield* laptop(rekey), "kit")
        assert.deepStrictEqual(yield* opens(first), [true, true])
        const fresh = yield* laptop(Kit.make)
        yield* laptop(NewKit.replace(world.calls, fresh, created.kit))
        assert.strictEqual(yield* laptop(rekey), "exchanged")
        assert.deepStrictEqual(yield* opens(first), [false, false])
        const saved = world.device()
        yield* saved(Recovery.recover({ origin, did: created.did, kit: fresh.printed }))
        assert.deepStrictEqual(yield* opens(yield* saved(newest)), [true, true])
      }))
    ))

  it("M4 two devices that make the next one at once have one", () =>
    life((world) =>
      provided(Effect.gen(function*() {
        const { laptop, phone } = yield* begun(world)
        const late = {
          ...world.calls,
          WatchKeyWraps: () => Stream.make([...world.wraps.filter(({ generation }) => generation === 1)])
        }
        const { log } = yield* phone(Account.alsoKnownAs([]))
        const renewed = (calls: MasterKeys.SessionCalls) =>
          Effect.flatMap(known, (keys) => MasterKeys.renew(calls, keys, log))
        const one = yield* phone(renewed(world.calls))
        // It has not seen the other's yet when it begins.
        let looks = 0
        const other = yield* laptop(renewed({
          ...late,
          WatchKeyWraps: () => looks++ === 0 ? late.WatchKeyWraps() : world.calls.WatchKeyWraps({})
        } as MasterKeys.SessionCalls))
        assert.strictEqual(Redacted.value(other.master.key).join(), Redacted.value(one.master.key).join())
        assert.strictEqual(other.master.generation, 2)
      }))
    ))
})
