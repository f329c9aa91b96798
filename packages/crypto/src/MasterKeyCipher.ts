/**
 * Seals with keys derived from one master key: HKDF-SHA256 (RFC 5869) per subject, AES-256-GCM (NIST SP 800-38D) per payload.
 * Form: one byte suite (1), 12 bytes random nonce, ciphertext, 16 bytes tag.
 */
import * as Effect from "effect/Effect"
import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from "node:crypto"
import { type Cipher, PayloadUnreadable, type Subject } from "./Cipher.ts"

const Suite = 1
const NonceBytes = 12
const TagBytes = 16
const KeysMax = 4_096

/** Random bytes in bulk: one call of the generator serves many nonces. */
const nonces = () => {
  const pool = Buffer.alloc(NonceBytes * 512)
  let at = pool.length
  return () => {
    if (at === pool.length) {
      randomFillSync(pool)
      at = 0
    }
    return pool.subarray(at, at += NonceBytes)
  }
}

/** HKDF-SHA256 for one block of 32 bytes: its two steps are two HMACs. By hand, for `hkdfSync` costs six times as much. */
const extract = (master: Uint8Array, salt: string) => createHmac("sha256", salt).update(master).digest()
const expand = (prk: Uint8Array, info: string) => createHmac("sha256", prk).update(info).update("\u0001").digest()

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
  const root = remembering((owner) => extract(master, owner))
  const data = remembering((name) => {
    const cut = name.indexOf("\n")
    return expand(root(name.slice(0, cut)), `vivim/payload/v1/${name.slice(cut + 1)}`)
  })
  return {
    data: ({ owner, stream }: Subject) => data(`${owner}\n${stream}`),
    address: remembering((owner) => expand(root(owner), "vivim/address/v1"))
  }
}

export const fromMasterKey = (master: Uint8Array): Cipher => {
  const keys = keysOf(master)
  const nonce = nonces()
  return {
    seal: (subject, context, plain) =>
      Effect.sync(() => {
        const iv = Buffer.from(nonce())
        const cipher = createCipheriv("aes-256-gcm", keys.data(subject), iv)
        cipher.setAAD(context)
        const body = cipher.update(plain)
        return Buffer.concat([Buffer.of(Suite), iv, body, cipher.final(), cipher.getAuthTag()])
      }),
    open: (subject, context, sealed) =>
      Effect.try({
        try: () => {
          if (sealed[0] !== Suite) throw new Error(`sealed with an unknown suite (${sealed[0]})`)
          if (sealed.length < 1 + NonceBytes + TagBytes) throw new Error("cut short")
          const tagAt = sealed.length - TagBytes
          const decipher = createDecipheriv("aes-256-gcm", keys.data(subject), sealed.subarray(1, 1 + NonceBytes))
          decipher.setAAD(context)
          decipher.setAuthTag(sealed.subarray(tagAt))
          return Buffer.concat([decipher.update(sealed.subarray(1 + NonceBytes, tagAt)), decipher.final()])
        },
        catch: (cause) =>
          new PayloadUnreadable({ ...subject, reason: cause instanceof Error ? cause.message : String(cause) })
      }),
    address: (owner, hash) => Effect.sync(() => createHmac("sha256", keys.address(owner)).update(hash).digest())
  }
}
