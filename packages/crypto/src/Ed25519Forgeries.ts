/** Signatures made on purpose so that verifiers in the field disagree on them: parts of small order, second spellings, S not reduced. */
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { concat, utf8 } from "./Bytes.ts"
import type { Probe } from "./Ed25519Probes.ts"

const Point = ed25519.Point
/** A point of the curve, of whatever order. */
export type CurvePoint = typeof Point.BASE

export const order: bigint = Point.Fn.ORDER
export const prime: bigint = Point.Fp.ORDER

/** 32 bytes, the lowest first. */
export const little = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n))

/** The number behind such bytes. */
export const number = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

const eighth = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")

/** All eight points of small order, the neutral one first. */
export const torsion: ReadonlyArray<CurvePoint> = Array.from({ length: 7 }).reduce<ReadonlyArray<CurvePoint>>(
  (points) => [...points, points.at(-1)!.add(eighth)],
  [Point.ZERO]
)

const secret = 99n
const scalar = 12_345n
const message = utf8("two cups")

/** S for this key and this spelling of R, as the equation wants it. */
const reply = (key: Uint8Array, commitment: Uint8Array, r: bigint): bigint =>
  (r + (number(sha512(concat(commitment, key, message))) % order) * secret) % order

/** What is good in all but the parts of small order that key or commitment are given. */
const forged = (good: boolean, keyPart: CurvePoint, noncePart: CurvePoint): Probe => {
  const publicKey = Point.BASE.multiply(secret).add(keyPart).toBytes()
  const commitment = Point.BASE.multiply(scalar).add(noncePart).toBytes()
  return { good, message, publicKey, signature: concat(commitment, little(reply(publicKey, commitment, scalar))) }
}

const genuine = forged(true, Point.ZERO, Point.ZERO)

/** Every spelling of R, of which one is canonical; r = 0. */
const neutral = (good: boolean, spelling: bigint): Probe => {
  const commitment = little(spelling)
  const { publicKey } = genuine
  return { good, message, publicKey, signature: concat(commitment, little(reply(publicKey, commitment, 0n))) }
}

/** With S = 0 and R of small order, a key of small order signs every message, or one in eight of them. */
const smallOrder = torsion.flatMap((key) =>
  torsion.map((nonce): Probe => ({
    good: false,
    message,
    publicKey: key.toBytes(),
    signature: concat(nonce.toBytes(), new Uint8Array(32))
  }))
)

const sign = 1n << 255n

/** Keys whose y is p or more, or whose x = 0 has a sign: second spellings of points. */
export const misspelt: ReadonlyArray<Uint8Array> = [
  ...Array.from({ length: 19 }, (_, y) => BigInt(y) + prime).flatMap((y) => [little(y), little(y | sign)]),
  little(1n | sign),
  little((prime - 1n) | sign)
]

const unreduced = (times: bigint): Probe => ({
  ...genuine,
  good: false,
  signature: concat(
    genuine.signature.subarray(0, 32),
    little(number(genuine.signature.subarray(32)) + times * order)
  )
})

/** Each by its name; `genuine` ones among them, so that nobody passes by refusing all. */
export const forgeries: Readonly<Record<string, ReadonlyArray<Probe>>> = {
  genuine: [genuine, neutral(true, 1n)],
  "a key of small order": smallOrder,
  "a key with a part of small order": torsion.slice(1).map((part) => forged(false, part, Point.ZERO)),
  "R with a part of small order": torsion.slice(1).map((part) => forged(false, Point.ZERO, part)),
  "both with such parts": torsion.slice(1).map((part) => forged(false, part, part.negate())),
  "a key in a second spelling": misspelt.flatMap((publicKey) =>
    torsion.map((nonce) => ({
      good: false,
      message,
      publicKey,
      signature: concat(nonce.toBytes(), new Uint8Array(32))
    }))
  ),
  "R in a second spelling": [neutral(false, 1n | sign), neutral(false, prime + 1n)],
  "S not reduced": [unreduced(1n), unreduced(2n), unreduced(7n)]
}
