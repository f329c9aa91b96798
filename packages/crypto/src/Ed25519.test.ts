/** The strict profile: signatures on which verifiers in the field differ get one verdict here, from either path. */
import { ed25519 } from "@noble/curves/ed25519.js"
import * as crypto from "node:crypto"
import { assert, describe, it } from "vitest"
import { concat } from "./Bytes.ts"
import * as Ed25519 from "./Ed25519.ts"
import { forgeries, little, misspelt, order, torsion } from "./Ed25519Forgeries.ts"
import type { Probe } from "./Ed25519Probes.ts"
import * as NodeEd25519 from "./NodeEd25519.ts"
import * as RawKeys from "./RawKeys.ts"

const verdict = ({ message, publicKey, signature }: Probe): boolean => {
  const [portable, node] = [Ed25519, NodeEd25519].map(({ verify }) => verify(publicKey, message, signature))
  assert.strictEqual(portable, node, "one verdict")
  return portable!
}
const holds = (name: string) => {
  for (const probe of forgeries[name]!) assert.strictEqual(verdict(probe), probe.good, name)
}

describe("Ed25519", () => {
  it("E1 refuses keys that are of small order, or have a part that is", () => {
    assert.lengthOf(new Set(torsion.map((point) => point.toHex())), 8)
    for (const point of torsion) assert.isFalse(Ed25519.isKey(point.toBytes()))
    for (const name of ["genuine", "a key of small order", "a key with a part of small order"]) holds(name)
    for (const { publicKey } of forgeries["a key with a part of small order"]!) {
      assert.isFalse(Ed25519.isKey(publicKey))
    }
  })

  it("E1 refuses every second spelling of a point, and what is no point", () => {
    assert.lengthOf(misspelt, 40)
    for (const key of misspelt) assert.isFalse(Ed25519.isKey(key))
    holds("a key in a second spelling")
    assert.isFalse(Ed25519.isKey(little(2n)), "no point has this y")
    assert.isFalse(Ed25519.isKey(new Uint8Array(31)))
    assert.isFalse(Ed25519.isKey(new Uint8Array(33)))
  })

  it("E2 refuses R with a part of small order, which others let pass", () => {
    holds("R with a part of small order")
    holds("both with such parts")
    const others = forgeries["R with a part of small order"]!.map(({ message, publicKey, signature }) =>
      ed25519.verify(signature, message, publicKey, { zip215: true })
    )
    assert.deepStrictEqual(new Set(others), new Set([true]), "the witness: the cofactored equation accepts them")
  })

  it("E2 refuses S that is not reduced, and R in another spelling", () => {
    holds("S not reduced")
    holds("R in a second spelling")
    assert.isTrue(Ed25519.isReduced(concat(new Uint8Array(32), little(order - 1n))))
    assert.isFalse(Ed25519.isReduced(concat(new Uint8Array(32), little(order))))
    assert.isFalse(Ed25519.isReduced(new Uint8Array(63)))
  })

  it("E1 gives the same verdict by either way, whatever small part a key has", () => {
    for (let n = 0; n < 12; n++) {
      const point = ed25519.Point.fromBytes(ed25519.getPublicKey(new Uint8Array(32).fill(n)))
      for (const [m, part] of torsion.entries()) {
        const publicKey = point.add(part).toBytes()
        assert.strictEqual(Ed25519.isKey(publicKey), m === 0)
        assert.strictEqual(NodeEd25519.isKey(publicKey), m === 0)
      }
    }
    // Bytes that mostly are no point at all, or a point with a small part.
    for (let n = 0; n < 200; n++) {
      const bytes = crypto.createHash("sha256").update(`${n}`).digest()
      assert.strictEqual(NodeEd25519.isKey(bytes), Ed25519.isKey(bytes))
    }
    for (const key of [...misspelt, ...torsion.map((point) => point.toBytes()), new Uint8Array(31)]) {
      assert.isFalse(NodeEd25519.isKey(key))
    }
  })

  it("E2 lets pass what node:crypto signs, of any length", () => {
    for (let length = 0; length < 300; length += 37) {
      const { privateKey } = crypto.generateKeyPairSync("ed25519")
      const message = crypto.randomBytes(length)
      const publicKey = RawKeys.publicBytes(privateKey)
      assert.isTrue(verdict({ good: true, message, publicKey, signature: crypto.sign(null, message, privateKey) }))
    }
  })
})
