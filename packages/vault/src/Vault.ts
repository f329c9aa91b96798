/**
 * The receipts of keys that were destroyed: which stream, up to which version. Nothing of what was in it.
 *
 * Q1  What was destroyed is recorded once.
 */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { VaultAddress } from "@vivim/contract/Vault"
import { nodeItself } from "@vivim/event-schemas/ids"
import { KeysDestroyed, VaultEvents } from "@vivim/event-schemas/vault/index"
import * as Schema from "effect/Schema"

const VaultState = Schema.Struct({ upTo: Schema.Int })
export type VaultState = typeof VaultState.Type

export const Vault = Actor.make({
  address: VaultAddress,
  events: VaultEvents,
  initial: { upTo: 0 } as VaultState,
  snapshot: { version: 1, schema: VaultState },
  owner: () => nodeItself,

  decide: {
    DestroyKeys: (state, { owner, stream, upTo, what }) =>
      upTo <= state.upTo
        ? Actor.refuse(new NothingToChange({ message: `the keys of ${stream} are destroyed up to version ${upTo}` }))
        : Actor.accept(KeysDestroyed({ stream, upTo, all: what === "owner" ? owner : null }))
  },

  evolve: {
    "vault.KeysDestroyed": (_, { upTo }) => ({ upTo })
  }
})
