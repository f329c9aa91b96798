/**
 * The vault's key goes with the master key it follows from: when a device left, what it knew opens nothing any more.
 *
 * W1  A new master key brings a new key of the vault, and the one before opens it no more; who has no vault needs none.
 * W2  Where that was cut off after the master key was made, the vault is opened with the one before, and its key exchanged then.
 */
import type { VaultStatus } from "@vivim/contract/Vault"
import { WrongStoreKey } from "@vivim/contract/Vault"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Calls } from "../VivimClient.ts"
import type { MasterKey } from "./MasterKeys.ts"
import * as VaultKey from "./VaultKey.ts"

/** What this needs of a session. */
export type RekeyCalls = Pick<Calls, "RekeyVault" | "UnlockVault" | "WatchVault">

/** How many keys are wrapped anew, of how many. */
export type Progress = NonNullable<VaultStatus["rekeying"]>

type Told = (progress: Progress) => Effect.Effect<void>

const quietly: Told = () => Effect.void

const storeKeyOf = ({ key }: MasterKey) => VaultKey.storeKeyOf(key)

/** Until all keys are wrapped anew; a vault that is locked meanwhile goes on with it when it is unlocked. */
const followed = (calls: RekeyCalls, told: Told) =>
  calls.WatchVault({}).pipe(
    Stream.takeWhile(({ rekeying }) => rekeying !== undefined),
    Stream.runForEach(({ rekeying }) => rekeying === undefined ? Effect.void : told(rekeying))
  )

/** For whoever made a new master key: the vault's key that follows from it takes the place of the one that follows from the old one. */
export const rekey = (calls: RekeyCalls, told: Told = quietly) =>
  Effect.fn("VaultRekey.rekey")(function*(old: MasterKey | null, now: MasterKey) {
    const vault = yield* Stream.runHead(calls.WatchVault({}))
    if (old === null || !Option.exists(vault, ({ state }) => state === "locked" || state === "unlocked")) return
    yield* calls.RekeyVault({ storeKey: yield* storeKeyOf(old), next: yield* storeKeyOf(now) })
    yield* followed(calls, told)
  })

/** Brings the vault into being where there is none, and opens it as `unlock` does. Answers whether its key was exchanged for it. */
export const open = Effect.fn("VaultRekey.open")(function*(
  calls: RekeyCalls & VaultKey.VaultCalls,
  masterKeys: ReadonlyArray<MasterKey>
) {
  const newest = masterKeys.toSorted((a, b) => b.generation - a.generation)[0]
  if (newest === undefined) return yield* unlock(calls, masterKeys)
  return yield* VaultKey.open(calls, newest.key).pipe(
    Effect.as(false),
    Effect.catchTag("WrongStoreKey", () => Effect.as(exchange(calls, masterKeys), true))
  )
})

/** Puts the newest in the place of whichever of those before the vault's key follows from, and opens it; nothing is to be done where it is that already. */
export const exchange = Effect.fn("VaultRekey.exchange")(function*(
  calls: RekeyCalls,
  masterKeys: ReadonlyArray<MasterKey>
) {
  const [newest, ...before] = masterKeys.toSorted((a, b) => b.generation - a.generation)
  const wrong = new WrongStoreKey({ message: "No key of this device opens the vault." })
  if (newest === undefined) return yield* wrong
  const next = yield* storeKeyOf(newest)
  for (const old of before) {
    const isDone = yield* calls.RekeyVault({ storeKey: yield* storeKeyOf(old), next }).pipe(
      Effect.as(true),
      Effect.catchTag("WrongStoreKey", () => Effect.succeed(false))
    )
    if (isDone) return
  }
  return yield* wrong
})

/** Opens the vault with the newest master key there is; with another one only to exchange it, and answers whether it did. */
export const unlock = Effect.fn("VaultRekey.unlock")(function*(
  calls: RekeyCalls,
  masterKeys: ReadonlyArray<MasterKey>
) {
  const newest = masterKeys.toSorted((a, b) => b.generation - a.generation)[0]
  if (newest === undefined) return yield* Effect.as(exchange(calls, masterKeys), true)
  return yield* calls.UnlockVault({ storeKey: yield* storeKeyOf(newest) }).pipe(
    Effect.as(false),
    Effect.catchTag("WrongStoreKey", () => Effect.as(exchange(calls, masterKeys), true))
  )
})
