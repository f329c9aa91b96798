/**
 * Challenges: what a device signs to show that it is there, now, and here. Nothing is kept of one until it is answered, and whether there
 * is such an account is not looked at: there is nothing to fill, and nothing to be learned by asking.
 *
 * H1  An answer is taken for the account, device, origin and purpose its challenge was made for, until it expires, and for nothing else.
 * H2  Whoever signs for another origin, or with another key than the device's own, has not answered.
 */
import { type Answer, type Challenge, type ChallengeAsked, type Purpose, signed } from "@vivim/contract/SignIn"
import * as SigningKey from "@vivim/crypto/SigningKey"
import { base58btc } from "multiformats/bases/base58"
import { randomBytes } from "node:crypto"
import { same, type SessionKey } from "./SessionKey.ts"

const SaltBytes = 16

/** `bound`: a session the answer is to confirm, else empty. */
interface Bound extends ChallengeAsked {
  readonly bound: string
}

const seal = (key: SessionKey, salt: Uint8Array, asked: Bound, origin: string, expiresAt: number) =>
  key.mac("challenge", salt, asked.purpose, asked.bound, asked.userId, asked.deviceId, origin, String(expiresAt))

export const make = (key: SessionKey, asked: Bound, origin: string, expiresAt: number): Challenge => {
  const salt = randomBytes(SaltBytes)
  const nonce = Buffer.concat([salt, seal(key, salt, asked, origin, expiresAt)]).toString("base64url")
  return { nonce, origin, expiresAt }
}

/** The Ed25519 key a device's id is: multibase base58btc of multicodec 0xed and 32 bytes; null for an id that is none. */
const deviceKey = (deviceId: string): Uint8Array | null => {
  try {
    const bytes = base58btc.decode(deviceId)
    return bytes.length === 34 && bytes[0] === 0xed && bytes[1] === 0x01 ? bytes.subarray(2) : null
  } catch {
    return null
  }
}

const nobody = new Uint8Array(32).fill(7)

/** Whether an answer is what was asked for. All of it is looked at, whatever is wrong: the time it takes tells nothing. */
export const isAnswered = (
  key: SessionKey,
  answer: Answer,
  expected: {
    readonly purpose: Purpose
    readonly bound: string
    readonly origins: ReadonlyArray<string>
    readonly now: number
  }
): boolean => {
  const nonce = Buffer.from(answer.nonce, "base64url")
  const asked = { ...answer, purpose: expected.purpose, bound: expected.bound }
  const made = seal(key, nonce.subarray(0, SaltBytes), asked, answer.origin, answer.expiresAt)
  const device = deviceKey(answer.deviceId)
  const checks = [
    same(nonce.subarray(SaltBytes), made),
    expected.origins.includes(answer.origin),
    answer.expiresAt > expected.now,
    device !== null,
    SigningKey.verify(device ?? nobody, signed(answer), Buffer.from(answer.signature, "base64url"))
  ]
  return checks.every((is) => is)
}
