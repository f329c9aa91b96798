/**
 * Challenges for passkeys, in the form WebAuthn has room for: bytes that say until when they are good, and a mac over them and all they are
 * for. As with challenges for devices nothing is kept of one before it is answered.
 *
 * W1  An answer is taken for the purpose, the account or session, and the origin its challenge was made for, until it expires, and for nothing else.
 */
import type { PasskeyPurpose } from "@vivim/contract/Passkeys"
import { randomBytes } from "node:crypto"
import { same, type SessionKey } from "./SessionKey.ts"

const SaltBytes = 16
const TimeBytes = 8

/** What an answer is good for. `bound`: the account a passkey is made for, the session it is to confirm; empty to sign in. */
export interface Use {
  readonly purpose: PasskeyPurpose | "register"
  readonly bound: string
  readonly origin: string
}

const seal = (key: SessionKey, head: Uint8Array, { bound, origin, purpose }: Use) =>
  key.mac("passkey", head, purpose, bound, origin)

export const make = (key: SessionKey, use: Use, expiresAt: number): string => {
  const head = Buffer.concat([randomBytes(SaltBytes), Buffer.alloc(TimeBytes)])
  head.writeBigUInt64BE(BigInt(expiresAt), SaltBytes)
  return Buffer.concat([head, seal(key, head, use)]).toString("base64url")
}

/** Until when it is good; null for one that was not made here for this, or is over. */
export const until = (key: SessionKey, challenge: string, use: Use, now: number): number | null => {
  const bytes = Buffer.from(challenge, "base64url")
  // Its last letter has bits to spare: what was answered does not come back in other letters.
  if (bytes.toString("base64url") !== challenge) return null
  const head = bytes.subarray(0, SaltBytes + TimeBytes)
  if (head.length < SaltBytes + TimeBytes || !same(bytes.subarray(head.length), seal(key, head, use))) return null
  const expiresAt = Number(head.readBigUInt64BE(SaltBytes))
  return expiresAt > now ? expiresAt : null
}
