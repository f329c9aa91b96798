/**
 * Whose keys a DID speaks with: a `did:key` is its own Ed25519 key; for any other somebody must be asked.
 * Source: W3C CCG did:key method; multicodec 0xed.
 */
import { base58btc } from "multiformats/bases/base58"

/** The public keys that may sign for a DID now; none when it is not known. */
export type KeysOf = (did: string) => ReadonlyArray<Uint8Array>

/** The key of a `did:key` of Ed25519, or null: every other kind of key is refused. */
export const ofDidKey = (did: string): Uint8Array | null => {
  if (!did.startsWith("did:key:z")) return null
  try {
    const bytes = base58btc.decode(did.slice("did:key:".length))
    return bytes.length === 34 && bytes[0] === 0xed && bytes[1] === 0x01 ? bytes.subarray(2) : null
  } catch {
    return null
  }
}
