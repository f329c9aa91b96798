/** The strict profile of `Ed25519` done by node:crypto: the same verdicts, ten times as fast. */
import * as crypto from "node:crypto"
import * as Ed25519 from "./Ed25519.ts"

/** The DER of an Ed25519 public key, but for its 32 bytes (RFC 8410, 4). */
const publicHead = Buffer.from("302a300506032b6570032100", "hex")
/** The DER of an Ed25519 private key, but for its 32 bytes (RFC 8410, 7). */
const privateHead = Buffer.from("302e020100300506032b657004220420", "hex")

/** The private key whose secret is these 32 bytes. */
export const privateKeyOf = (seed: Uint8Array): crypto.KeyObject =>
  crypto.createPrivateKey({ key: Buffer.concat([privateHead, seed]), format: "der", type: "pkcs8" })

/** The 32 bytes of the public half. */
export const publicKeyOf = (key: crypto.KeyObject): Uint8Array => {
  const spki = crypto.createPublicKey(key).export({ format: "der", type: "spki" })
  return new Uint8Array(spki.subarray(publicHead.length))
}

const x25519PublicHead = Buffer.from("302a300506032b656e032100", "hex")
const x25519PrivateHead = Buffer.from("302e020100300506032b656e04220420", "hex")

/**
 * Times this, a point loses its part of small order and changes its sign: it is a multiple of 8, and one less than a multiple of the
 * order. It is of the form that X25519 leaves as it is (RFC 7748, 5), so that X25519 multiplies by it.
 */
const minusOne = crypto.createPrivateKey({
  key: Buffer.concat([
    x25519PrivateHead,
    Buffer.from("a023cdd083ef5bb82f10d62e59e15a6800000000000000000000000000000050", "hex")
  ]),
  format: "der",
  type: "pkcs8"
})

/** What `Ed25519.isKey` says, without its long multiplication: X25519 does not see signs, so what has prime order stays as it is. */
export const isKey = (publicKey: Uint8Array): boolean => {
  const u = Ed25519.montgomery(publicKey)
  if (u === undefined) return false
  try {
    const key = crypto.createPublicKey({ key: Buffer.concat([x25519PublicHead, u]), format: "der", type: "spki" })
    return crypto.diffieHellman({ privateKey: minusOne, publicKey: key }).equals(u)
  } catch {
    // Small order: the product is zero, and X25519 refuses that.
    return false
  }
}

/** A key the profile lets pass, made ready once. */
const keyOf = Ed25519.rememberingKeys((publicKey) =>
  isKey(publicKey)
    ? crypto.createPublicKey({ key: Buffer.concat([publicHead, publicKey]), format: "der", type: "spki" })
    : undefined
)

/** Whether the holder of this public key signed these bytes. Never throws. */
export const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  if (publicKey.length !== 32 || !Ed25519.isReduced(signature)) return false
  const key = keyOf(publicKey)
  return key !== undefined && crypto.verify(null, message, key, signature)
}
