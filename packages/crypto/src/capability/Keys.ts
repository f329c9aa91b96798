/**
 * Whose keys a DID speaks with: a `did:key` is its own key; for any other somebody must be asked, each time.
 */
import * as Option from "effect/Option"
import * as DidKey from "../DidKey.ts"
import { Recent } from "./Recent.ts"

/** The public keys that may sign for a DID now; none when it is not known. */
export type KeysOf = (did: string) => ReadonlyArray<Uint8Array>

/** DIDs whose key is remembered: what one is never changes. */
const REMEMBERED = 4_096

/** Adds what every `did:key` says of itself. */
export const withDidKeys = (keysOf: KeysOf): KeysOf => {
  const known = new Recent<ReadonlyArray<Uint8Array>>(REMEMBERED)
  return (did) => {
    if (!isDidKey(did)) return keysOf(did)
    const found = known.get(did)
    if (found !== undefined) return found
    const keys = Option.toArray(DidKey.toEd25519(did))
    known.set(did, keys)
    return keys
  }
}

/** Whether a DID is its own key, for good. */
export const isDidKey = (did: string): boolean => did.startsWith("did:key:")
