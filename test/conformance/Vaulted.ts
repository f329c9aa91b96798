/** A vault for tests, Ada's: over the key of a node that all others are sealed with. */
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { checkOf } from "@vivim/crypto/vault/KeyRing"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as VaultCipher from "@vivim/crypto/vault/VaultCipher"
import type { FileKeys } from "@vivim/user-database/FileKeys"
import { UserLocked } from "@vivim/user-database/UserDatabaseError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

const storeKey = new Uint8Array(32).fill(5)
export const ada = "did:key:zAda"

/** Enrolled, and unlocked to begin with. */
export const vaulted = Effect.gen(function*() {
  const vault = Context.get(yield* Layer.build(KeyVault.layerMemory), KeyVault)
  const unlock = Effect.orDie(vault.unlock(ada, Redacted.make(storeKey)))
  yield* Effect.orDie(vault.enroll(ada, Redacted.make(checkOf(storeKey))))
  yield* unlock
  const cipher = VaultCipher.make(fromMasterKey(new Uint8Array(32).fill(7)), vault)
  const keys: FileKeys = {
    of: (did, view) =>
      Effect.mapError(cipher.keys({ owner: did, stream: `file/${view}` }), () => new UserLocked({ did })),
    gone: Stream.filterMap(cipher.moves, ({ here, owner }) => here ? Option.none() : Option.some(owner))
  }
  return { vault, cipher, keys, unlock, lock: Effect.orDie(vault.lock(ada)) }
})
