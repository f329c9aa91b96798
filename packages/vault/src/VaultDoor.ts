/**
 * Answers what owners ask of their own vault: bring one, unlock it, exchange its key, lock it, see how it is.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import { SessionGuard } from "@vivim/contract/Session"
import { type VaultStatus, VaultTaken, VaultViews, WrongStoreKey } from "@vivim/contract/Vault"
import type { KeysUnavailable, Locked } from "@vivim/crypto/Cipher"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import type { WrongStoreKey as WrongKey } from "@vivim/crypto/vault/StoreKeys"
import type { Did } from "@vivim/event-schemas/ids"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Rekeying from "./Rekeying.ts"

const keyOf = (owner: string) => `vault/${owner}`

/** What is done to a vault, and how it is then. */
const doings = ({ progress }: Rekeying.Rekeying) => {
  const status = (owner: string): Effect.Effect<VaultStatus, never, KeyVault> =>
    Effect.map(KeyVault, (vault) => {
      const rekeying = progress(owner)
      return { state: vault.state(owner), ...rekeying === null ? {} : { rekeying } }
    })
  const then = <E extends { readonly _tag: string }>(
    owner: string,
    act: (vault: KeyVault["Type"]) => Effect.Effect<unknown, E>
  ) => Effect.flatMap(KeyVault, (vault) => Effect.zipRight(act(vault), status(owner)))
  return { status, then }
}

const Doors = VaultViews.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  KeyVault | Reactivity.Reactivity | Sharding.Sharding
> = Doors.toLayer(Effect.gen(function*() {
  const { query, watch } = yield* Doorway.open<KeyVault>()
  const { moves } = yield* KeyVault
  const { invalidate } = yield* Reactivity.Reactivity
  // Whoever watches a vault sees it also when it was locked because nobody used it.
  yield* Effect.forkScoped(Stream.runForEach(moves, ({ owner }) => invalidate([keyOf(owner)])))
  const rekeying = yield* Rekeying.make((owner) => invalidate([keyOf(owner)]))
  const { status, then } = doings(rekeying)
  const withKey = (
    doing: string,
    owner: Did,
    act: (vault: KeyVault["Type"]) => Effect.Effect<unknown, WrongKey | Locked | KeysUnavailable>
  ) =>
    weatherproof(
      doing,
      Effect.catchTag(
        // Whatever was cut off of an exchange goes on as soon as somebody has the key.
        then(owner, (vault) => Effect.zipRight(act(vault), rekeying.carry(owner))),
        "WrongStoreKey",
        // Whatever is wrong with it: nothing of why is told.
        () => new WrongStoreKey({ message: "this is not the key of your vault" })
      ),
      ["WrongStoreKey"]
    )
  return {
    EnrollVault: ({ check }) =>
      query(({ userId }) =>
        weatherproof(
          "enroll the vault",
          Effect.catchTag(
            then(userId, (vault) => vault.enroll(userId, check)),
            "EnrolmentTaken",
            () => new VaultTaken({ message: "there is a vault already, with another key" })
          ),
          ["VaultTaken"]
        )
      ),
    UnlockVault: ({ storeKey }) =>
      query(({ userId }) => withKey("unlock the vault", userId, (vault) => vault.unlock(userId, storeKey))),
    RekeyVault: ({ next, storeKey }) =>
      query(({ userId }) =>
        withKey("exchange the key of the vault", userId, (vault) => vault.replace(userId, storeKey, next))
      ),
    LockVault: () =>
      query(({ userId }) => weatherproof("lock the vault everywhere", then(userId, (vault) => vault.lock(userId)))),
    WatchVault: () => watch(({ userId }) => ({ keys: [keyOf(userId)], ask: status(userId) }))
  }
})) as never
