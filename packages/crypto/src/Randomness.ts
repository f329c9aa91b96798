/**
 * Where random bytes come from: the system, or in tests a seed.
 *
 * R1  The same seed gives the same bytes, another seed others.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import * as Effect from "effect/Effect"
import { utf8 } from "./Bytes.ts"

/** So many random bytes, fresh with each call. */
export type Randomness = (length: number) => Effect.Effect<Uint8Array>

/** `getRandomValues` gives no more at once (Web Cryptography API, 10.1.1). */
const AtOnce = 65_536

/** The system's generator, of any platform. */
export const system: Randomness = (length) => {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += AtOnce) globalThis.crypto.getRandomValues(bytes.subarray(at, at + AtOnce))
  return Effect.succeed(bytes)
}

/** Bytes that follow from the seed: SHA-256 over seed and counter. For tests only: who knows the seed knows them all. */
export const seeded = (seed: string): Randomness => {
  let counter = 0
  return (length) => {
    const bytes = new Uint8Array(Math.ceil(length / 32) * 32)
    for (let at = 0; at < length; at += 32) bytes.set(sha256(utf8(`${seed}/${counter++}`)), at)
    return Effect.succeed(bytes.subarray(0, length))
  }
}
