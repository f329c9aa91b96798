/**
 * What a new device shows to the one that lets it in: its public keys in a code, and a comparison code over them and the account.
 *
 * P1  A code that was read is the one that was shown; anything else, and a code that was altered, is refused.
 * P2  Both sides get the same comparison code if and only if they mean the same keys and the same account.
 *
 * The comparison is 30 bits of PBKDF2 over everything: whoever carries the code and wants to slip in keys of their own has to find, while
 * people wait, keys whose slow hash begins alike.
 */
import { Refused } from "../node/Calls.ts"
import { base64url, fromBase64url } from "./Suite.ts"

/** The public half of a device. */
export interface Public {
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array
  /** Hash of the key it will sign its first operation with; 32 bytes. */
  readonly next: Uint8Array
  /** X-Wing, 1,216 bytes. */
  readonly kem: Uint8Array
}

const version = 1
const [keyBytes, nextBytes, kemBytes, checkBytes] = [32, 32, 1_216, 4]
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const rounds = 300_000
const utf8 = new TextEncoder()

const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const check = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, checkBytes)

export const encode = async ({ kem, key, next }: Public): Promise<string> => {
  const body = joined(Uint8Array.of(version), key, next, kem)
  return base64url(joined(body, await check(body)))
}

const unreadable = () => new Refused({ _tag: "CodeUnreadable" })

/** None where it is not even base64url. */
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => {
  try {
    return fromBase64url(text)
  } catch {
    return new Uint8Array(0)
  }
}

/** Rejects with `CodeUnreadable`. */
export const decode = async (code: string): Promise<Public> => {
  const text = code.replaceAll(/\s/g, "")
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length > 4_096) throw unreadable()
  const bytes = bytesOf(text)
  const bodyBytes = 1 + keyBytes + nextBytes + kemBytes
  if (bytes.length !== bodyBytes + checkBytes || bytes[0] !== version) throw unreadable()
  const body = bytes.slice(0, bodyBytes)
  const sum = await check(body)
  if (!sum.every((byte, at) => byte === bytes[bodyBytes + at])) throw unreadable()
  return {
    key: body.slice(1, 1 + keyBytes),
    next: body.slice(1 + keyBytes, 1 + keyBytes + nextBytes),
    kem: body.slice(1 + keyBytes + nextBytes)
  }
}

/** `ABC DEF`: the same on both sides. */
export const comparison = async (userId: string, { kem, key, next }: Public): Promise<string> => {
  const slow = await crypto.subtle.importKey("raw", joined(key, next, kem), "PBKDF2", false, ["deriveBits"])
  const salt = utf8.encode(`vivim/pairing/1 ${userId}`)
  const bits = new Uint8Array(
    await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, slow, 32)
  )
  const value = new DataView(bits.buffer).getUint32(0) >>> 2
  const letters = [25, 20, 15, 10, 5, 0].map((shift) => alphabet[(value >>> shift) & 31])
  return `${letters.slice(0, 3).join("")} ${letters.slice(3).join("")}`
}
