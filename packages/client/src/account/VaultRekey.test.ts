/** The vault's key beside the master key, on a vault that is a node's own. */
import { VaultStatus, WrongStoreKey } from "@vivim/contract/Vault"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { checkOf } from "@vivim/crypto/vault/KeyRing"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { assert, describe, it } from "vitest"
import * as VaultRekey from "./VaultRekey.ts"

const ada = "did:key:zAda"
const wrong = () => new WrongStoreKey({ message: "no" })

/** A vault as its door answers; each look at it finds the exchange a piece further. */
const world = Effect.gen(function*() {
  const vault = yield* KeyVault
  const pieces: Array<VaultRekey.Progress> = []
  const status = () => {
    const rekeying = pieces.shift()
    return VaultStatus.make({ state: vault.state(ada), ...rekeying === undefined ? {} : { rekeying } })
  }
  const door = <E>(work: Effect.Effect<unknown, E>) => Effect.mapBoth(work, { onFailure: wrong, onSuccess: status })
  const calls = {
    WatchVault: () => Stream.repeatEffect(Effect.sync(status)),
    UnlockVault: ({ storeKey }: any) => door(vault.unlock(ada, storeKey)),
    RekeyVault: ({ next, storeKey }: any) =>
      door(Effect.zipRight(vault.replace(ada, storeKey, next), vault.rewrap(ada, () => Effect.void))).pipe(
        Effect.tap(() => Effect.sync(() => pieces.push({ done: 1, total: 2 }, { done: 2, total: 2 })))
      )
  } as unknown as VaultRekey.RekeyCalls
  const masterKeys = yield* Effect.forEach(
    [1, 2, 3],
    (generation) => Effect.map(KeyHierarchy.newMasterKey, (key) => ({ generation, key, at: null }))
  )
  const enroll = (n: number) =>
    Effect.flatMap(
      KeyHierarchy.branch(masterKeys[n - 1]!.key, "store"),
      (storeKey) => vault.enroll(ada, Redacted.make(checkOf(Redacted.value(storeKey))))
    )
  const opensWith = (n: number) =>
    Effect.gen(function*() {
      yield* vault.lock(ada)
      const storeKey = yield* KeyHierarchy.branch(masterKeys[n - 1]!.key, "store")
      return (yield* Effect.either(vault.unlock(ada, storeKey)))._tag === "Right"
    })
  return { calls, masterKeys, enroll, opensWith, vault }
})

const run = <A, E>(test: (given: Effect.Effect.Success<typeof world>) => Effect.Effect<A, E, any>) =>
  Effect.flatMap(world, test).pipe(
    Effect.provide(Layer.merge(KeyVault.layerMemory, ReferenceCryptoSuite.layer)),
    (work) => Effect.runPromise(work as Effect.Effect<A, E>)
  )

describe("the vault's key beside the master key", () => {
  it("W1 goes with it, tells how far it is, and the one before opens the vault no more", () =>
    run(({ calls, enroll, masterKeys: [first, second], opensWith }) =>
      Effect.gen(function*() {
        yield* enroll(1)
        const told: Array<number> = []
        yield* VaultRekey.rekey(calls, ({ done }) => Effect.sync(() => told.push(done)))(first!, second!)
        assert.deepStrictEqual(told, [1, 2])
        assert.isFalse(yield* opensWith(1))
        assert.isTrue(yield* opensWith(2))
        assert.strictEqual((yield* Effect.flip(VaultRekey.rekey(calls)(first!, first!)))._tag, "WrongStoreKey")
      })
    ))

  it("W1 is nothing to do for who has no vault, or had no master key", () =>
    run(({ calls, enroll, masterKeys: [first, second], opensWith, vault }) =>
      Effect.gen(function*() {
        yield* VaultRekey.rekey(calls)(first!, second!)
        assert.strictEqual(vault.state(ada), "open")
        yield* enroll(1)
        yield* VaultRekey.rekey(calls)(null, second!)
        assert.isTrue(yield* opensWith(1))
      })
    ))

  it("W2 is exchanged at the next opening where it was not, from whichever one it is to the newest", () =>
    run(({ calls, enroll, masterKeys, opensWith, vault }) =>
      Effect.gen(function*() {
        yield* enroll(1)
        yield* VaultRekey.unlock(calls, masterKeys)
        assert.strictEqual(vault.state(ada), "unlocked")
        assert.deepStrictEqual([yield* opensWith(1), yield* opensWith(2), yield* opensWith(3)], [false, false, true])
        yield* VaultRekey.unlock(calls, masterKeys)
        const strangers = yield* Effect.flip(VaultRekey.unlock(calls, masterKeys.slice(0, 2)))
        assert.strictEqual(strangers._tag, "WrongStoreKey")
        assert.strictEqual((yield* Effect.flip(VaultRekey.unlock(calls, [])))._tag, "WrongStoreKey")
      })
    ))
})
