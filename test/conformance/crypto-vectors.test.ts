/** Public vectors and hostile signatures on every engine that runs on Node; on a browser's: test/e2e/crypto.test.ts. */
import * as Randomness from "@vivim/crypto/Randomness"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { engines, hasVectors, readVectors } from "./CryptoEngines.ts"
import { ask, askForgeries, questions } from "./CryptoVectors.ts"

/** So many cases each set has at least, so that none passes by asking nothing. */
const casesMin: Readonly<Record<string, number>> = {
  "wycheproof/ed25519_test.json": 151,
  "wycheproof/x25519_test.json": 518,
  "wycheproof/aes_gcm_test.json": 60,
  "wycheproof/hmac_sha256_test.json": 174,
  "wycheproof/hkdf_sha256_test.json": 86,
  "wycheproof/mlkem_768_test.json": 193,
  "wycheproof/mlkem_768_keygen_seed_test.json": 100,
  "wycheproof/mlkem_768_encaps_test.json": 265,
  "hpke-pq/test-vectors.json": 2,
  "dag-cbor-strict/cases.json": 19,
  "did-key/ed25519.json": 1,
  "gcm-multikey/two-keys.json": 3
}

describe.each(Object.keys(engines))("the %s engine", (name) => {
  const engine = Effect.runPromise(engines[name]!(Randomness.seeded(name)))

  it("gives the verdict of the strict profile on signatures that verifiers differ on", async () => {
    const { cases, wrong } = await Effect.runPromise(askForgeries(await engine))
    assert.deepStrictEqual(wrong, [])
    assert.isAtLeast(cases, 400)
  })

  // The vectors lie beside the project, not in it.
  it.skipIf(!hasVectors).each(Object.keys(questions))("agrees with %s", async (file) => {
    const { cases, wrong } = await Effect.runPromise(ask(file, readVectors(file), await engine))
    assert.deepStrictEqual(wrong, [])
    assert.isAtLeast(cases, casesMin[file]!)
  }, 120_000)
})
