/** The suite by node:crypto and by the reference: what one sealed the other opens, and what nobody should open stays shut. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import { utf8 } from "./Bytes.ts"
import { CryptoSuite, type Suite } from "./CryptoSuite.ts"
import * as NodeCryptoSuite from "./NodeCryptoSuite.ts"
import * as Randomness from "./Randomness.ts"
import * as ReferenceCryptoSuite from "./ReferenceCryptoSuite.ts"

const run = Effect.runSync
const failure = (effect: Effect.Effect<unknown, { readonly _tag: string }>): string | undefined =>
  Either.match(run(Effect.either(effect)), { onLeft: ({ _tag }) => _tag, onRight: () => undefined })
const suites = (seed: string): ReadonlyArray<readonly [string, Suite]> => [
  ["node", run(Effect.provide(CryptoSuite, NodeCryptoSuite.layerTest(seed)))],
  ["reference", run(Effect.provide(CryptoSuite, ReferenceCryptoSuite.layerTest(seed)))]
]
const secret = (fill: number, length = 32) => Redacted.make(new Uint8Array(length).fill(fill))
const same = (a: Uint8Array, b: Uint8Array) => assert.deepStrictEqual(new Uint8Array(a), new Uint8Array(b))
const [key, aad, plain] = [secret(7), utf8("cup 4"), utf8("steep for 3 minutes")]

describe("CryptoSuite", () => {
  it("S1 every engine gives the same bytes for the same randomness", () => {
    const given = suites("one").map(([, suite]) => {
      const { publicKey } = run(suite.kemKeyOf(secret(3)))
      const signer = run(suite.signerOf(secret(4)))
      return [
        run(suite.seal(key, aad, plain)),
        publicKey,
        run(suite.sealTo(publicKey, aad, plain)),
        signer.publicKey,
        run(signer.sign(plain)),
        run(suite.hkdf({ key: plain, salt: aad, info: aad, length: 100 })),
        run(suite.hmac(aad, plain))
      ].map((bytes) => Buffer.from(bytes).toString("hex"))
    })
    assert.deepStrictEqual(given[0], given[1])
  })

  it("S1 what one engine seals with the system's randomness, another opens", () => {
    const [node, reference] = [NodeCryptoSuite.layer, ReferenceCryptoSuite.layer].map((layer) =>
      run(Effect.provide(CryptoSuite, layer))
    )
    for (const [by, to] of [[node!, reference!], [reference!, node!]] as const) {
      const kem = run(to.kemKeyOf(secret(6)))
      same(run(to.openWith(kem, aad, run(by.sealTo(kem.publicKey, aad, plain)))), plain)
      same(run(to.open(key, aad, run(by.seal(key, aad, plain)))), plain)
      const { ciphertext, secret: told } = run(by.encapsulate(kem.publicKey))
      same(Redacted.value(run(kem.decapsulate(ciphertext))), Redacted.value(told))
    }
  })

  it("R1 randomness from a seed follows from it", () => {
    const bytes = (seed: string) => run(Randomness.seeded(seed)(70))
    same(bytes("a"), bytes("a"))
    assert.notDeepEqual(bytes("a"), bytes("b"))
    assert.lengthOf(run(Randomness.system(70_000)), 70_000)
    assert.notDeepEqual(run(Randomness.system(32)), run(Randomness.system(32)))
  })

  for (const [name, suite] of suites("two")) {
    const kem = run(suite.kemKeyOf(secret(3)))
    const sealed = run(suite.seal(key, aad, plain))
    const sent = run(suite.sealTo(kem.publicKey, aad, plain))

    it(`S2 what another suite sealed is refused by ${name}`, () => {
      for (const first of [0, 2, 255]) {
        const of = (bytes: Uint8Array) => Uint8Array.of(first, ...bytes.subarray(1))
        assert.strictEqual(failure(suite.open(key, aad, of(sealed))), "UnknownSuite")
        assert.strictEqual(failure(suite.openWith(kem, aad, of(sent))), "UnknownSuite")
      }
    })

    it(`S3 ${name} opens with the same key and aad, and no bit altered`, () => {
      same(run(suite.open(key, aad, sealed)), plain)
      assert.lengthOf(sealed, plain.length + 65)
      assert.strictEqual(failure(suite.open(secret(8), aad, sealed)), "NotOpened")
      assert.strictEqual(failure(suite.open(key, utf8("cup 5"), sealed)), "NotOpened")
      for (let bit = 8; bit < sealed.length * 8; bit++) {
        const altered = Uint8Array.from(sealed)
        altered[bit >> 3]! ^= 1 << (bit & 7)
        assert.strictEqual(failure(suite.open(key, aad, altered)), "NotOpened", `bit ${bit}`)
      }
      for (let at = 0; at < sealed.length; at++) {
        assert.strictEqual(failure(suite.open(key, aad, sealed.subarray(0, at))), "NotOpened", `cut ${at}`)
      }
      assert.notDeepEqual(run(suite.seal(key, aad, plain)), sealed)
    })

    it(`S4 ${name} opens what was sealed to its key, and nobody else does`, () => {
      same(run(suite.openWith(kem, aad, sent)), plain)
      assert.lengthOf(sent, plain.length + 1_185)
      assert.strictEqual(failure(suite.openWith(run(suite.kemKeyOf(secret(5))), aad, sent)), "NotOpened")
      assert.strictEqual(failure(suite.openWith(kem, utf8("cup 5"), sent)), "NotOpened")
      for (let at = 1; at < sent.length; at += 13) {
        const altered = Uint8Array.from(sent)
        altered[at]! ^= 1
        assert.strictEqual(failure(suite.openWith(kem, aad, altered)), "NotOpened", `byte ${at}`)
        assert.strictEqual(failure(suite.openWith(kem, aad, sent.subarray(0, at))), "NotOpened", `cut ${at}`)
      }
    })

    it(`S5 ${name} says what kind of key is none, and not what it held`, () => {
      const short = secret(0x41, 31)
      const of = (effect: Effect.Effect<unknown, unknown>) => JSON.stringify(run(Effect.flip(effect)))
      const said = [
        of(suite.signerOf(short)),
        of(suite.kemKeyOf(short)),
        of(suite.seal(short, aad, plain)),
        of(suite.open(short, aad, sealed)),
        of(suite.sealTo(kem.publicKey.subarray(1), aad, plain)),
        of(suite.encapsulate(new Uint8Array(1_216).fill(255)))
      ]
      const malformed = (kind: string) => JSON.stringify({ kind, _tag: "MalformedKey" })
      assert.deepStrictEqual(
        said,
        ["signing seed", "KEM seed", "symmetric key", "symmetric key", "KEM public key", "KEM public key"].map(
          malformed
        )
      )
    })
  }
})
