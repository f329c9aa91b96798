/**
 * Raw keys of 32 bytes as node:crypto holds them, and back: keys of Ed25519 and X25519 go in and out as JWK.
 *
 * DER would do as well, but OpenSSL 3 takes 300 us to find out what a private key in DER is, and 20 us for one in JWK.
 * Source: RFC 8037, 2.
 */
import * as crypto from "node:crypto"

type Curve = "Ed25519" | "X25519"

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url")

/** The key whose secret is these 32 bytes. Its public half is found from them: `x` is not looked at, but must be there. */
export const privateKey = (crv: Curve, secret: Uint8Array): crypto.KeyObject =>
  crypto.createPrivateKey({ key: { kty: "OKP", crv, d: text(secret), x: "" }, format: "jwk" })

/** The public key of these 32 bytes. Whether they are any good is not looked at. */
export const publicKey = (crv: Curve, bytes: Uint8Array): crypto.KeyObject =>
  crypto.createPublicKey({ key: { kty: "OKP", crv, x: text(bytes) }, format: "jwk" })

/** The 32 bytes of the public half. */
export const publicBytes = (key: crypto.KeyObject): Uint8Array =>
  new Uint8Array(Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url"))
