/** Whether delegations and uses are signed by whom they say, with a key that may sign for them now. */
import { bytesEqual } from "../Bytes.ts"
import type { Chain } from "./Chain.ts"
import type { Envelope, Verify } from "./Envelope.ts"
import { isDidKey, type KeysOf, withDidKeys } from "./Keys.ts"

/** The key each link of a chain was found to be signed with. */
export type Signers = ReadonlyArray<Uint8Array>

export interface Signatures {
  /** Whether one of the issuer's keys signed this. */
  readonly isSigned: (issuer: string, envelope: Envelope) => boolean
  /** The key behind each link, or null when one of them is not signed. */
  readonly signersOf: (chain: Chain) => Signers | null
  /** Whether what was found before still holds: a key may have been taken from its owner since. */
  readonly areStill: (chain: Chain, signers: Signers) => boolean
}

export const make = (verify: Verify, keysOf: KeysOf): Signatures => {
  const keys = withDidKeys(keysOf)
  const signer = (did: string, { signature, signed }: Envelope) =>
    keys(did).find((key) => verify(key, signed, signature)) ?? null
  return {
    isSigned: (issuer, envelope) => signer(issuer, envelope) !== null,
    signersOf: (chain) => {
      const found: Array<Uint8Array> = []
      for (const { envelope, issuer } of chain) {
        const key = signer(issuer, envelope)
        if (key === null) return null
        found.push(key)
      }
      return found
    },
    areStill: (chain, signers) =>
      chain.every(({ issuer }, at) => isDidKey(issuer) || keysOf(issuer).some((one) => bytesEqual(one, signers[at]!)))
  }
}
