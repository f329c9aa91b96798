/**
 * What a backup has to do with the node key: it is sealed under it, tells which one that was, and is vouched for by it.
 *
 * Y1  The mark of a key is the same in every backup, and another for every key; it does not tell the key.
 * Y2  Who has not the key cannot make a backup, nor change one, that a node with the key would take.
 * Y3  Accounts open only with the key, and nothing of them lies open.
 */
import type { Cipher, PayloadUnreadable } from "@vivim/crypto/Cipher"
import * as Canonical from "@vivim/event-schemas/Canonical"
import { Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import type { Counts } from "./BackupFormat.ts"

/** Owners are DIDs: no key of theirs is ever one of these. */
const owner = "vivim-backup"
const subject = { owner, stream: "accounts" }
const bound = Canonical.encode(["vivim-backup-account/1"])

const named = (cipher: Cipher, value: unknown): Effect.Effect<Uint8Array> =>
  cipher.addresses(owner, createHash("sha256").update(Canonical.encode(value)).digest()).pipe(
    Effect.map(([name]) => name),
    // The node's own key is always here.
    Effect.orDie
  )

/** Tells one node key from another. 32 bytes. */
export const markOf = (cipher: Cipher): Effect.Effect<Uint8Array> => named(cipher, ["vivim-backup-key/1"])

/** Vouches for everything before the last record. 32 bytes. */
export const sealOf = (cipher: Cipher, counts: Counts, digest: Uint8Array): Effect.Effect<Uint8Array> =>
  named(cipher, ["vivim-backup-seal/1", counts, digest])

/** An account as it lies in the data folder: its handle, and the file with its key. */
export interface Account {
  readonly handle: Handle
  readonly key: Uint8Array
}

const isAccount = Schema.is(Schema.Struct({ handle: Handle, key: Schema.Uint8ArrayFromSelf }))

export const sealAccount = (cipher: Cipher, { handle, key }: Account): Effect.Effect<Uint8Array> =>
  Effect.orDie(cipher.seal(subject, bound, Canonical.encode({ handle, key })))

/** Null when what was sealed is no account. */
export const openAccount = (cipher: Cipher, sealed: Uint8Array): Effect.Effect<Account | null, PayloadUnreadable> =>
  cipher.open(subject, bound, sealed).pipe(
    Effect.map((plain) => {
      const account = Canonical.decode(plain)
      return isAccount(account) ? account : null
    }),
    Effect.catchTags({ Locked: Effect.die, Shredded: Effect.die, KeysUnavailable: Effect.die })
  )
