/** The strict profile of `Ed25519` done by node:crypto: the same verdicts, ten times as fast. */
import * as crypto from "node:crypto"
import * as Ed25519 from "./Ed25519.ts"
import * as RawKeys from "./RawKeys.ts"

/**
 * Times this, a point loses its part of small order and changes its sign: it is a multiple of 8, and one less than a multiple of the
 * order. It is of the form that X25519 leaves as it is (RFC 7748, 5), so that X25519 multiplies by it.
 */
const minusOne = RawKeys.privateKey(
  "X25519",
  Buffer.from("a023cdd083ef5bb82f10d62e59e15a6800000000000000000000000000000050", "hex")
)

/** What `Ed25519.isKey` says, without its long multiplication: X25519 does not see signs, so what has prime order stays as it is. */
export const isKey = (publicKey: Uint8Array): boolean => {
  const u = Ed25519.montgomery(publicKey)
  if (u === undefined) return false
  try {
    return crypto.diffieHellman({ privateKey: minusOne, publicKey: RawKeys.publicKey("X25519", u) }).equals(u)
  } catch {
    // Small order: the product is zero, and X25519 refuses that.
    return false
  }
}

/** A key the profile lets pass, made ready once. */
const keyOf = Ed25519.rememberingKeys((publicKey) =>
  isKey(publicKey) ? RawKeys.publicKey("Ed25519", publicKey) : undefined
)

/** Whether the holder of this public key signed these bytes. Never throws. */
export const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  if (publicKey.length !== 32 || !Ed25519.isReduced(signature)) return false
  const key = keyOf(publicKey)
  return key !== undefined && crypto.verify(null, message, key, signature)
}
