/** Whether delegations and uses are signed by whom they say, with a key that may sign for them now. */
import { bytesEqual } from "../Bytes.ts"
import type { Chain } from "./Chain.ts"
import type { Envelope, Verify } from "./Envelope.ts"
import { isDidKey, type KeysOf, ofDidKeys } from "./Keys.ts"

/** The key each link of a chain was found to be signed with. */
export type Signers = ReadonlyArray<Uint8Array>

export interface Signatures {
  /** Whether one of the issuer's keys signed this. */
  readonly isSigned: (issuer: string, envelope: Envelope, keysOf: KeysOf) => boolean
  /** The key behind each link, or null when one of them is not signed. */
  readonly signersOf: (chain: Chain, keysOf: KeysOf) => Signers | null
  /** Whether what was found before still holds: a key may have been taken from its owner since. */
  readonly areStill: (chain: Chain, signers: Signers, keysOf: KeysOf) => boolean
}

export const make = (verify: Verify): Signatures => {
  const ofDidKey = ofDidKeys()
  const signer = (did: string, { signature, signed }: Envelope, keysOf: KeysOf) =>
    (isDidKey(did) ? ofDidKey(did) : keysOf(did)).find((key) => verify(key, signed, signature)) ?? null
  return {
    isSigned: (issuer, envelope, keysOf) => signer(issuer, envelope, keysOf) !== null,
    signersOf: (chain, keysOf) => {
      const found: Array<Uint8Array> = []
      for (const { envelope, issuer } of chain) {
        const key = signer(issuer, envelope, keysOf)
        if (key === null) return null
        found.push(key)
      }
      return found
    },
    areStill: (chain, signers, keysOf) =>
      chain.every(({ issuer }, at) => isDidKey(issuer) || keysOf(issuer).some((one) => bytesEqual(one, signers[at]!)))
  }
}
