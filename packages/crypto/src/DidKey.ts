/**
 * `did:key` for Ed25519: the identifier is the public key itself.
 * Source: W3C CCG did:key method; multicodec 0xed, multibase base58btc.
 */
import { type Did } from "@vivim/event-schemas/ids"
import { base58btc } from "multiformats/bases/base58"

/** The DID of a 32-byte Ed25519 public key. */
export const fromEd25519 = (publicKey: Uint8Array): Did => {
  if (publicKey.length !== 32) throw new RangeError(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`)
  return `did:key:${base58btc.encode(Uint8Array.of(0xed, 0x01, ...publicKey))}` as Did
}
