/**
 * Seals with keys derived from one master key: HKDF-SHA256 (RFC 5869) per subject, AES-256-GCM (NIST SP 800-38D) per payload.
 * Form: one byte suite (1), 12 bytes random nonce, ciphertext, 16 bytes tag.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHmac } from "node:crypto"
import { type Cipher, PayloadUnreadable, type Subject } from "./Cipher.ts"
import * as Gcm from "./vault/Gcm.ts"

const Suite = Buffer.of(1)
const KeysMax = 4_096

/** What was asked for lately; the oldest is forgotten beyond `KeysMax`. */
const remembering = (make: (name: string) => Buffer) => {
  const known = new Map<string, Buffer>()
  return (name: string) => {
    let value = known.get(name)
    if (value === undefined) {
      if (known.size >= KeysMax) known.delete(known.keys().next().value!)
      known.set(name, value = make(name))
    }
    return value
  }
}

/** The data key of each subject, and the key that names an owner's content, derived when first needed. */
const keysOf = (master: Uint8Array) => {
  const root = remembering((owner) => Gcm.extract(master, owner))
  const data = remembering((name) => {
    const cut = name.indexOf("\n")
    return Gcm.expand(root(name.slice(0, cut)), `vivim/payload/v1/${name.slice(cut + 1)}`)
  })
  return {
    data: ({ owner, stream }: Subject) => data(`${owner}\n${stream}`),
    raw: ({ owner, stream }: Subject) => Gcm.expand(root(owner), `vivim/raw/v1/${stream}`),
    address: remembering((owner) => Gcm.expand(root(owner), "vivim/address/v1"))
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
