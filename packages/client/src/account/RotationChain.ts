/**
 * The keys a holder signs operations with, one after the other: derived from one seed, so that a kit on paper never has to be printed
 * anew because one of its keys was used.
 *
 * R1  Each key of a chain is another one, and the same for the same seed and number, on every engine.
 */
import { utf8 } from "@vivim/crypto/Bytes"
import { bytesEqual } from "@vivim/crypto/Bytes"
import { CryptoSuite, type Secret, type Signer } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const salt = utf8("vivim/rotation-chain/1")

/** The n-th key of a chain, from 0. */
export const key = (seed: Secret, n: number): Effect.Effect<Signer, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { hkdf, signerOf } = yield* CryptoSuite
    const derived = yield* hkdf({ key: Redacted.value(seed), salt, info: utf8(String(n)), length: 32 })
    return yield* Effect.orDie(signerOf(Redacted.make(derived)))
  })

/** What an operation commits to in its place. */
export const hash = (seed: Secret, n: number): Effect.Effect<Uint8Array, never, CryptoSuite> =>
  Effect.map(key(seed, n), ({ publicKey }) => Operation.keyHash(publicKey))

export interface Turn {
  readonly signer: Signer
  /** The hash that was committed to, and that of the key after it. */
  readonly hash: Uint8Array
  readonly next: Uint8Array
}

/** The key of a chain that an operation committed to, of the first so many; null when there is none. */
export const turn = (
  seed: Secret,
  after: Operation.Statement,
  max: number
): Effect.Effect<Turn | null, never, CryptoSuite> =>
  Effect.gen(function*() {
    const devices = Object.values(after.devices).flatMap(({ next }) => next === null ? [] : [next])
    const committed = [...after.recovery, ...devices]
    for (let n = 0; n < max; n++) {
      const signer = yield* key(seed, n)
      const own = Operation.keyHash(signer.publicKey)
      if (committed.some((one) => bytesEqual(one, own))) {
        return { signer, hash: own, next: yield* hash(seed, n + 1) }
      }
    }
    return null
  })
