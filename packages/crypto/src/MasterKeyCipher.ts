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
const derive = (master: Uint8Array, salt: string, info: string) => expand(extract(master, salt), info)

/** The data key of each subject, derived when first needed; the oldest is forgotten beyond `KeysMax`. */
const dataKeys = (master: Uint8Array) => {
  const keys = new Map<string, Buffer>()
  return ({ owner, stream }: Subject) => {
    const name = `${owner}\n${stream}`
    const known = keys.get(name)
    if (known !== undefined) return known
    if (keys.size >= KeysMax) keys.delete(keys.keys().next().value!)
    const key = derive(master, owner, `vivim/payload/v1/${stream}`)
    keys.set(name, key)
    return key
  }
}

export const fromMasterKey = (master: Uint8Array): Cipher => {
  const keyOf = dataKeys(master)
  const nonce = nonces()
  return {
    seal: (subject, context, plain) =>
      Effect.sync(() => {
        const iv = Buffer.from(nonce())
        const cipher = createCipheriv("aes-256-gcm", keyOf(subject), iv)
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
          const decipher = createDecipheriv("aes-256-gcm", keyOf(subject), sealed.subarray(1, 1 + NonceBytes))
          decipher.setAAD(context)
          decipher.setAuthTag(sealed.subarray(tagAt))
          return Buffer.concat([decipher.update(sealed.subarray(1 + NonceBytes, tagAt)), decipher.final()])
        },
        catch: (cause) =>
          new PayloadUnreadable({ ...subject, reason: cause instanceof Error ? cause.message : String(cause) })
      }),
    address: (owner, hash) =>
      Effect.sync(() => createHmac("sha256", derive(master, owner, "vivim/address/v1")).update(hash).digest())
  }
}
