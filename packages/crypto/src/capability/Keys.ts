/** Whose keys a DID speaks with: a `did:key` is its own key; for any other somebody must be asked, each time. */
import * as Option from "effect/Option"
import * as DidKey from "../DidKey.ts"
import { remembering } from "../Recent.ts"

/** The public keys that may sign now for a DID that is no `did:key`; none when it is not known. */
export type KeysOf = (did: string) => ReadonlyArray<Uint8Array>

/** Where nobody is known but by their key. */
export const nobody: KeysOf = () => []

/** DIDs whose key is remembered: what one is never changes. */
const REMEMBERED = 4_096

/** Whether a DID is its own key, for good. */
export const isDidKey = (did: string): boolean => did.startsWith("did:key:")

/** What every `did:key` says of itself, remembered. */
export const ofDidKeys = (): KeysOf =>
  remembering(REMEMBERED, (did) => did, (did) => Option.toArray(DidKey.toEd25519(did)))
