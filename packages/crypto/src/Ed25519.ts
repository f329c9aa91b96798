/**
 * Ed25519 under one strict profile, so that no signature is good on one machine and bad on another.
 *
 * E1  A public key counts only if it is the canonical encoding of a point of prime order: no other spelling of a point, none of small
 *     order, none with a part of small order.
 * E2  A signature counts only if S is reduced and R is, byte for byte, the encoding of [S]B - [k]A.
 *
 * Verifiers in the field differ exactly there: cofactored or not, reduced or not, canonical or not. Whoever signs so that they
 * differ splits a log that is replicated. This file is the profile for any platform; `NodeEd25519` gives the same verdicts faster.
 * Source: RFC 8032, 5.1; "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020).
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { bytesToNumberLE } from "@noble/curves/utils.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { remembering } from "./Recent.ts"

const Point = ed25519.Point
const order = Point.Fn.ORDER
const KeyBytes = 32
const SignatureBytes = 64
/** Keys whose verdict is remembered: most signatures are of few hands. */
const KeysMax = 4_096

type CurvePoint = InstanceType<typeof Point>

/** The point of a key that E1 lets pass, or nothing. */
const pointOf = (publicKey: Uint8Array): CurvePoint | undefined => {
  try {
    const point = Point.fromBytes(publicKey, false)
    return !point.isSmallOrder() && point.isTorsionFree() ? point : undefined
  } catch {
    return undefined
  }
}

/** The point's u on Curve25519 (RFC 7748, 4.1), if the bytes are the canonical encoding of a point that has one. */
export const montgomery = (publicKey: Uint8Array): Uint8Array | undefined => {
  try {
    const { y } = Point.fromBytes(publicKey, false)
    const { Fp } = Point
    return Fp.toBytes(Fp.div(Fp.add(Fp.ONE, y), Fp.sub(Fp.ONE, y)))
  } catch {
    // No point, or the neutral one.
    return undefined
  }
}

/** What was found out about each key; the oldest is forgotten beyond `KeysMax`. */
export const rememberingKeys = <A>(find: (publicKey: Uint8Array) => A): (publicKey: Uint8Array) => A =>
  remembering(KeysMax, (publicKey) => String.fromCharCode(...publicKey), find)

const remembered = rememberingKeys(pointOf)

/** Whether E1 lets this public key pass. */
export const isKey = (publicKey: Uint8Array): boolean =>
  publicKey.length === KeyBytes && remembered(publicKey) !== undefined

/** Whether a signature has the right length and its S is reduced: the half of E2 that needs no key. */
export const isReduced = (signature: Uint8Array): boolean =>
  signature.length === SignatureBytes &&
  // The order is 2^252 and a little: hardly any S needs the second look.
  (signature[63]! < 0x10 || bytesToNumberLE(signature.subarray(32)) < order)

/** Whether the holder of this public key signed these bytes. Never throws. */
export const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  if (publicKey.length !== KeyBytes || !isReduced(signature)) return false
  const key = remembered(publicKey)
  if (key === undefined) return false
  const given = signature.subarray(0, 32)
  const k = bytesToNumberLE(sha512.create().update(given).update(publicKey).update(message).digest()) % order
  const wanted = Point.BASE.multiplyUnsafe(bytesToNumberLE(signature.subarray(32))).subtract(key.multiplyUnsafe(k))
    .toBytes()
  return wanted.every((byte, at) => byte === given[at])
}
