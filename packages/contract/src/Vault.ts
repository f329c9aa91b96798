/**
 * A user's own keys on this node. The node never keeps a store key: its owner hands it over to unlock the vault, what it opens stays in
 * memory until the vault is locked, and only a value that tells the right key from a wrong one is left behind.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Did, StreamName } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, query, watch } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

const Bytes32 = Schema.Uint8ArrayFromBase64Url.pipe(
  Schema.filter((bytes) => bytes.length === 32),
  // Few byte strings are of one length by chance.
  Schema.annotations({ arbitrary: () => (fc: any) => fc.uint8Array({ minLength: 32, maxLength: 32 }) })
)

/** 32 bytes, as base64url without padding; never logged. */
export const Secret32 = Schema.Redacted(Bytes32)

/** `open`: there is none, and the node's own key seals. `gone`: its owner left, and its keys are destroyed. */
export const VaultStatus = Schema.Struct({
  state: Schema.Literal("open", "locked", "unlocked", "gone"),
  /** While keys are wrapped anew, for the store key was replaced: how many were, of how many. */
  rekeying: Schema.optionalWith(Schema.Struct({ done: Schema.Int, total: Schema.Int }), { exact: true })
})
export type VaultStatus = typeof VaultStatus.Type

/** There is a vault already, with another key. */
export class VaultTaken extends Schema.TaggedError<VaultTaken>()("VaultTaken", { message: Schema.String }) {}

/** It is not the store key of this vault, or there is no vault. */
export class WrongStoreKey extends Schema.TaggedError<WrongStoreKey>()("WrongStoreKey", { message: Schema.String }) {}

export class VaultViews extends RpcGroup.make(
  // The check value is HKDF-SHA256 of the store key: `checkOf` of packages/crypto, vault/KeyRing.
  query("EnrollVault", "POST /vault", "Bring keys of your own: what is said from now on is sealed under them", {
    payload: { check: Secret32 },
    success: VaultStatus,
    refusals: VaultTaken,
    needs: { role: "user", proven: true }
  }),
  query("UnlockVault", "POST /vault/unlock", "Hand over your store key until the vault is locked", {
    payload: { storeKey: Secret32 },
    success: VaultStatus,
    refusals: WrongStoreKey
  }),
  query(
    "RekeyVault",
    "POST /vault/rekey",
    "Another store key in the place of the one you have, which opens nothing then",
    {
      payload: { storeKey: Secret32, next: Secret32 },
      success: VaultStatus,
      refusals: WrongStoreKey
    }
  ),
  query("LockVault", "POST /vault/lock", "Have the node forget your keys", {
    payload: {},
    success: VaultStatus,
    refusals: Schema.Never
  }),
  watch("WatchVault", "GET /vault", "Whether your vault is there, and open", {
    payload: {},
    success: VaultStatus,
    refusals: Schema.Never
  })
) {}

/** What the node itself tells the actor of keys. Not a public door: what is deleted is deleted by its own command. */
export class VaultCommands extends RpcGroup.make(
  command("DestroyKeys", "POST /vault/destroyed", "What was deleted of a stream is not to be read any more", {
    payload: {
      stream: StreamName,
      owner: Did,
      /** The version of the event that called for it. */
      upTo: Schema.Int.pipe(Schema.positive()),
      /** `stream`: all of it. `message`: what was deleted of it, or stands in another form now. `owner`: all of its owner's streams. */
      what: Schema.Literal("stream", "message", "owner")
    },
    refusals: NothingToChange
  })
) {}

export const VaultAddress = Address.make({ kind: "vault", commands: VaultCommands, id: ({ stream }) => stream })
