/** AES-256-GCM (NIST SP 800-38D) and HKDF-SHA256 (RFC 5869) as this room uses them: with random nonces, one block of 32 bytes. */
import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from "node:crypto"

export const nonceBytes = 12
export const tagBytes = 16

/** Random bytes in bulk: one call of the generator serves many nonces. */
const pool = Buffer.alloc(nonceBytes * 512)
let at = pool.length

const nonce = (): Buffer => {
  if (at === pool.length) {
    randomFillSync(pool)
    at = 0
  }
  return Buffer.from(pool.subarray(at, at += nonceBytes))
}

/** HKDF's two steps are two HMACs for one block. By hand, for `hkdfSync` costs six times as much. */
export const extract = (secret: Uint8Array, salt: string): Buffer => createHmac("sha256", salt).update(secret).digest()
export const expand = (prk: Uint8Array, info: string): Buffer =>
  createHmac("sha256", prk).update(info).update("\u0001").digest()

/** `head`, nonce, ciphertext, tag. */
export const seal = (key: Uint8Array, head: Uint8Array, context: Uint8Array, plain: Uint8Array): Buffer => {
  const iv = nonce()
  const cipher = createCipheriv("aes-256-gcm", key, iv)
  cipher.setAAD(context)
  const body = cipher.update(plain)
  return Buffer.concat([head, iv, body, cipher.final(), cipher.getAuthTag()])
}

/** Throws when the bytes are not what was sealed. */
export const open = (key: Uint8Array, headBytes: number, context: Uint8Array, sealed: Uint8Array): Buffer => {
  if (sealed.length < headBytes + nonceBytes + tagBytes) throw new Error("cut short")
  const bodyAt = headBytes + nonceBytes
  const tagAt = sealed.length - tagBytes
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(headBytes, bodyAt))
  decipher.setAAD(context)
  decipher.setAuthTag(sealed.subarray(tagAt))
  return Buffer.concat([decipher.update(sealed.subarray(bodyAt, tagAt)), decipher.final()])
}
