/**
 * Seals with keys derived from one master key: HKDF-SHA256 (RFC 5869) per subject, AES-256-GCM (NIST SP 800-38D) per payload.
 * Form: one byte suite (1), 12 bytes random nonce, ciphertext, 16 bytes tag.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHmac } from "node:crypto"
import { type Cipher, PayloadUnreadable, type Subject } from "./Cipher.ts"
import { remembering } from "./Recent.ts"
import * as Gcm from "./vault/Gcm.ts"

const Suite = Buffer.of(1)
/** Of each kind that are remembered. */
const KeysMax = 4_096

/** The data key of each subject, and the key that names an owner's content, derived when first needed. */
const keysOf = (master: Uint8Array) => {
  const byOwner = <A>(find: (owner: string) => A) => remembering(KeysMax, (owner: string) => owner, find)
  const root = byOwner((owner) => Gcm.extract(master, owner))
  return {
    data: remembering(
      KeysMax,
      ({ owner, stream }: Subject) => `${owner}\n${stream}`,
      ({ owner, stream }) => Gcm.expand(root(owner), `vivim/payload/v1/${stream}`)
    ),
    raw: ({ owner, stream }: Subject) => Gcm.expand(root(owner), `vivim/raw/v1/${stream}`),
    address: byOwner((owner) => Gcm.expand(root(owner), "vivim/address/v1"))
  }
}

export const fromMasterKey = (master: Uint8Array): Cipher => {
  const keys = keysOf(master)
  return {
    seal: (subject, context, plain) => Effect.sync(() => Gcm.seal(keys.data(subject), Suite, context, plain)),
    open: (subject, context, sealed) =>
      Effect.try({
        try: () => {
          if (sealed[0] !== Suite[0]) throw new Error(`sealed with an unknown suite (${sealed[0]})`)
          return Gcm.open(keys.data(subject), Suite.length, context, sealed)
        },
        catch: (cause) =>
          new PayloadUnreadable({ ...subject, reason: cause instanceof Error ? cause.message : String(cause) })
      }),
    addresses: (owner, hash) => Effect.sync(() => [createHmac("sha256", keys.address(owner)).update(hash).digest()]),
    keys: (subject) => Effect.sync(() => [keys.raw(subject)]),
    isOpen: () => true,
    moves: Stream.never
  }
}
