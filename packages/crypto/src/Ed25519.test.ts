/** The strict profile: signatures on which verifiers in the field differ get one verdict here, from either path. */
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha512 } from "@noble/hashes/sha2.js"
import * as crypto from "node:crypto"
import { assert, describe, it } from "vitest"
import { concat, utf8 } from "./Bytes.ts"
import * as Ed25519 from "./Ed25519.ts"
import * as NodeEd25519 from "./NodeEd25519.ts"

const Point = ed25519.Point
const order = Point.Fn.ORDER
const prime = Point.Fp.ORDER
const little = (value: bigint) => new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex")).toReversed()
const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes.toReversed()).toString("hex")}`)

/** A point of order 8, and its multiples: all that have small order. */
const eighth = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
const torsion = Array.from({ length: 7 }, (_, n) => n).reduce((points) => [...points, points.at(-1)!.add(eighth)], [
  Point.ZERO
])

/** A signature as the equation wants it, with parts of small order wherever one likes. */
const forged = (secret: bigint, message: Uint8Array, options: { key?: typeof eighth; nonce?: typeof eighth }) => {
  const key = Point.BASE.multiply(secret).add(options.key ?? Point.ZERO).toBytes()
  const r = 12_345n
  const commitment = Point.BASE.multiply(r).add(options.nonce ?? Point.ZERO).toBytes()
  const k = number(sha512(concat(commitment, key, message))) % order
  return { key, signature: concat(commitment, little((r + k * secret) % order)) }
}

const verdict = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const [portable, node] = [Ed25519, NodeEd25519].map(({ verify }) => verify(key, message, signature))
  assert.strictEqual(portable, node, "one verdict")
  return portable!
}

const message = utf8("two cups")

describe("Ed25519", () => {
  it("E1 refuses keys that are of small order, or have a part that is", () => {
    assert.lengthOf(new Set(torsion.map((point) => point.toHex())), 8)
    assert.isTrue(verdict(...Object.values(((f) => [f.key, message, f.signature])(forged(99n, message, {}))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array
    ]))
    for (const [n, point] of torsion.entries()) {
      // With S = 0 and R = A a key of small order "signs" every message, for one in eight of them or for all.
      const key = point.toBytes()
      for (const nonce of torsion) {
        assert.isFalse(verdict(key, message, concat(nonce.toBytes(), new Uint8Array(32))), `order ${n}`)
      }
      assert.isFalse(Ed25519.isKey(key))
      if (n === 0) continue
      const { key: mixed, signature } = forged(99n, message, { key: point })
      assert.isFalse(verdict(mixed, message, signature), `mixed with ${n}`)
    }
  })

  it("E1 refuses every second spelling of a point", () => {
    // y + p fits in 255 bits for y below 19; and the sign of x = 0 can be spelt both ways.
    const spellings = Array.from(
      { length: 19 },
      (_, y) => [little(BigInt(y) + prime), little(BigInt(y) + prime | 1n << 255n)]
    )
      .flat()
    const signs = [little(1n | 1n << 255n), little(prime - 1n | 1n << 255n)]
    for (const key of [...spellings, ...signs]) {
      assert.isFalse(Ed25519.isKey(key))
      for (const nonce of torsion) {
        assert.isFalse(verdict(key, message, concat(nonce.toBytes(), new Uint8Array(32))))
      }
    }
    assert.isFalse(Ed25519.isKey(little(2n)), "no point has this y")
    assert.isFalse(Ed25519.isKey(new Uint8Array(31)))
  })

  it("E2 refuses a commitment with a part of small order, which the cofactored equation lets pass", () => {
    for (const nonce of torsion.slice(1)) {
      const { key, signature } = forged(99n, message, { nonce })
      assert.isFalse(verdict(key, message, signature))
      assert.isTrue(
        ed25519.verify(signature, message, key, { zip215: true }),
        "the witness: another verifier accepts it"
      )
    }
  })

  it("E2 refuses S beyond the order, and R in another spelling", () => {
    const { key, signature } = forged(99n, message, {})
    const s = number(signature.subarray(32))
    for (const n of [1n, 2n, 7n]) {
      assert.isFalse(verdict(key, message, concat(signature.subarray(0, 32), little(s + n * order))))
    }
    assert.isTrue(Ed25519.isReduced(concat(new Uint8Array(32), little(order - 1n))))
    assert.isFalse(Ed25519.isReduced(concat(new Uint8Array(32), little(order))))
    // R the neutral element: r = 0. Its canonical spelling is good, its others are not.
    const secret = 99n
    const public_ = Point.BASE.multiply(secret).toBytes()
    for (const [neutral, good] of [[1n, true], [1n | 1n << 255n, false], [prime + 1n, false]] as const) {
      const k = number(sha512(concat(little(neutral), public_, message))) % order
      assert.strictEqual(verdict(public_, message, concat(little(neutral), little(k * secret % order))), good)
    }
  })

  it("E2 lets pass what node:crypto signs, of any length", () => {
    for (let length = 0; length < 300; length += 37) {
      const { privateKey } = crypto.generateKeyPairSync("ed25519")
      const bytes = crypto.randomBytes(length)
      assert.isTrue(verdict(NodeEd25519.publicKeyOf(privateKey), bytes, crypto.sign(null, bytes, privateKey)))
    }
  })
})
