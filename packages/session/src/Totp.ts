/**
 * One-time codes of an authenticator (RFC 6238), and recovery codes for who lost it.
 *
 * O1  A code is taken once, within a step of its time, and no code from before one that was taken.
 * O2  A recovery code is taken once. What is kept of it does not open anything.
 */
import { createHash, randomBytes } from "node:crypto"
import * as OTPAuth from "otpauth"

const PeriodS = 30
/** Steps a clock may be off. */
const WindowSteps = 1
const RecoveryCodes = 10

const totpOf = (secret: Uint8Array, label = "") =>
  new OTPAuth.TOTP({
    issuer: "VIVIM",
    label,
    secret: new OTPAuth.Secret({ buffer: new Uint8Array(secret).buffer }),
    algorithm: "SHA1",
    digits: 6,
    period: PeriodS
  })

/** 160 bits, as RFC 4226 recommends. SHA-1 and six digits are what authenticators understand. */
export const newSecret = (): Uint8Array => new Uint8Array(randomBytes(20))

/** What an authenticator reads, as a QR code. */
export const uriOf = (secret: Uint8Array, label: string): string => totpOf(secret, label).toString()

/** The step a code is of; null when it is none of this time. The library compares in constant time. */
export const stepOf = (secret: Uint8Array, code: string, now: number): number | null => {
  if (!/^\d{6}$/.test(code)) return null
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: WindowSteps })
  return delta === null ? null : Math.floor(now / 1_000 / PeriodS) + delta
}

const alphabet = "abcdefghjkmnpqrstuvwxyz23456789"

/** Codes of 16 letters, some 79 bits each: too many to be tried, so that a plain digest keeps them. */
export const newRecoveryCodes = (): ReadonlyArray<string> =>
  Array.from({ length: RecoveryCodes }, () => {
    const letters: Array<string> = []
    while (letters.length < 16) {
      // A byte beyond the last whole alphabet would make some letters likelier than others.
      const [byte] = randomBytes(1)
      if (byte! < 248) letters.push(alphabet[byte! % alphabet.length]!)
    }
    return letters.join("").replace(/(.{4})(?=.)/g, "$1-")
  })

/** What is kept of a recovery code; how it was typed does not matter. */
export const hashOf = (code: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(code.toLowerCase().replaceAll(/[^a-z0-9]/g, "")).digest())
