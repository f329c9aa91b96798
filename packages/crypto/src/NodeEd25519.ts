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

/** A key the profile lets pass, made ready once. */
const keyOf = Ed25519.rememberingKeys((publicKey) =>
  Ed25519.isKey(publicKey)
    ? crypto.createPublicKey({ key: Buffer.concat([publicHead, publicKey]), format: "der", type: "spki" })
    : undefined
)

/** Whether the holder of this public key signed these bytes. Never throws. */
export const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  if (publicKey.length !== 32 || !Ed25519.isReduced(signature)) return false
  const key = keyOf(publicKey)
  return key !== undefined && crypto.verify(null, message, key, signature)
}
