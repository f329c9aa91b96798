/** Answers what owners ask of their own vault: bring one, unlock it, lock it, see how it is. */
import * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import { SessionGuard } from "@vivim/contract/Session"
import { type VaultStatus, VaultTaken, VaultViews, WrongStoreKey } from "@vivim/contract/Vault"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const keyOf = (owner: string) => `vault/${owner}`

const status = (owner: string): Effect.Effect<VaultStatus, never, KeyVault> =>
  Effect.map(KeyVault, (vault) => ({ state: vault.state(owner) }))

/** What is done to a vault, and how it is then. */
const then = <E extends { readonly _tag: string }>(
  owner: string,
  act: (vault: KeyVault["Type"]) => Effect.Effect<void, E>
) => Effect.flatMap(KeyVault, (vault) => Effect.zipRight(act(vault), status(owner)))

const Doors = VaultViews.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  KeyVault | Reactivity.Reactivity
> = Doors.toLayer(Effect.gen(function*() {
  const { query, watch } = yield* Doorway.open<KeyVault>()
  const { moves } = yield* KeyVault
  const { invalidate } = yield* Reactivity.Reactivity
  // Whoever watches a vault sees it also when it was locked because nobody used it.
  yield* Effect.forkScoped(Stream.runForEach(moves, ({ owner }) => invalidate([keyOf(owner)])))
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
      query(({ userId }) =>
        weatherproof(
          "unlock the vault",
          Effect.catchTag(
            then(userId, (vault) => vault.unlock(userId, storeKey)),
            "WrongStoreKey",
            () => new WrongStoreKey({ message: "this is not the key of your vault" })
          ),
          ["WrongStoreKey"]
        )
      ),
    LockVault: () =>
      query(({ userId }) => weatherproof("lock the vault everywhere", then(userId, (vault) => vault.lock(userId)))),
    WatchVault: () => watch(({ userId }) => ({ keys: [keyOf(userId)], ask: status(userId) }))
  }
})) as never
