/**
 * The keys a holder signs operations with, one after the other: derived from one seed, so that nothing but the seed has to be remembered. Which
 * of them is next, the log says.
 *
 * R1  Each key of a chain is another one, and the same for the same seed and number, on every engine.
 * R2  Whoever began with keys that were derived in an earlier way signs once more with the one the log commits to, and goes on here.
 */
import { bytesEqual, utf8 } from "@vivim/crypto/Bytes"
import { CryptoSuite, type Secret, type Signer } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const salt = utf8("vivim/rotation-chain/1")
/** Of devices whose keys were made by the web client of 2026. Its kits signed with their seed itself. */
const earlierSalt = utf8("vivim/rotation/1")

const derived = (seed: Secret, salt: Uint8Array, n: number): Effect.Effect<Signer, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { hkdf, signerOf } = yield* CryptoSuite
    const key = yield* hkdf({ key: Redacted.value(seed), salt, info: utf8(String(n)), length: 32 })
    return yield* Effect.orDie(signerOf(Redacted.make(key)))
  })

/** The n-th key of a chain, from 0. */
const key = (seed: Secret, n: number): Effect.Effect<Signer, never, CryptoSuite> => derived(seed, salt, n)

/** What an operation commits to in its place. */
export const hash = (seed: Secret, n: number): Effect.Effect<Uint8Array, never, CryptoSuite> =>
  Effect.map(key(seed, n), ({ publicKey }) => Operation.keyHash(publicKey))

export interface Turn {
  readonly signer: Signer
  /** The hash that was committed to, and that of the key after it. */
  readonly hash: Uint8Array
  readonly next: Uint8Array
}

/** A key that may be the one, and the number of the one after it. */
interface Candidate {
  readonly signer: Effect.Effect<Signer, never, CryptoSuite>
  readonly after: number
}

const candidates = function*(seed: Secret, max: number): Generator<Candidate> {
  for (let n = 0; n < max; n++) yield { signer: key(seed, n), after: n + 1 }
  yield { signer: Effect.flatMap(CryptoSuite, ({ signerOf }) => Effect.orDie(signerOf(seed))), after: 0 }
  for (let n = 0; n < max; n++) yield { signer: derived(seed, earlierSalt, n), after: 0 }
}

/** The key of a chain that is among those an operation committed to, of the first so many; null when there is none. */
export const turn = (
  seed: Secret,
  committed: ReadonlyArray<Uint8Array>,
  max: number
): Effect.Effect<Turn | null, never, CryptoSuite> =>
  Effect.gen(function*() {
    if (committed.length === 0) return null
    for (const { after, signer: made } of candidates(seed, max)) {
      const signer = yield* made
      const own = Operation.keyHash(signer.publicKey)
      if (committed.some((one) => bytesEqual(one, own))) {
        return { signer, hash: own, next: yield* hash(seed, after) }
      }
    }
    return null
  })

/** What devices committed to in an operation. */
export const ofDevices = ({ devices }: Operation.Statement): ReadonlyArray<Uint8Array> =>
  Object.values(devices).flatMap(({ next }) => next === null ? [] : [next])
