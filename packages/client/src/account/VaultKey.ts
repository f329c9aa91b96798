/**
 * The store key of an account: what its node is handed to open the vault, and what tells the right one from a wrong one.
 *
 * V1  A vault that is not there yet is brought into being with the account's own key; one that is there is opened with it, or not at all.
 */
import { utf8 } from "@vivim/crypto/Bytes"
import { CryptoSuite, type Secret } from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Calls } from "../VivimClient.ts"

/** What this needs of a session. */
export type VaultCalls = Pick<Calls, "EnrollVault" | "UnlockVault" | "WatchVault">

/** The branch of the master key that the node is handed. */
export const storeKeyOf = (master: Secret): Effect.Effect<Secret, never, CryptoSuite> =>
  KeyHierarchy.branch(master, "store")

/** What the node keeps of it: as `checkOf` of packages/crypto, vault/KeyRing. */
export const checkOf = (storeKey: Secret): Effect.Effect<Secret, never, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, ({ hkdf }) =>
    Effect.map(
      hkdf({ key: Redacted.value(storeKey), salt: utf8("vivim/store/v1"), info: utf8("check"), length: 32 }),
      (check) => Redacted.make(check)
    ))

/** Brings the vault into being where there is none, and opens it. */
export const open = Effect.fn("VaultKey.open")(function*(calls: VaultCalls, master: Secret) {
  const storeKey = yield* storeKeyOf(master)
  const vault = yield* Stream.runHead(calls.WatchVault({}))
  if (Option.exists(vault, ({ state }) => state === "open")) {
    yield* calls.EnrollVault({ check: yield* checkOf(storeKey) })
  }
  yield* calls.UnlockVault({ storeKey })
})
