/**
 * X-Wing: ML-KEM-768 and X25519 joined, so that both must fall before what it carries is read.
 * Source: draft-connolly-cfrg-xwing-kem, 5; HPKE KEM 0x647a.
 */
import * as Effect from "effect/Effect"
import { concat, utf8 } from "./Bytes.ts"
import { type Kem, type KemSecret, Refused, type X25519 } from "./Engine.ts"

const MlKemPublicBytes = 1_184
const MlKemCapsuleBytes = 1_088
const PublicBytes = MlKemPublicBytes + 32
const CapsuleBytes = MlKemCapsuleBytes + 32
/** Two lines of an X, drawn in ASCII (5.3). */
const label = utf8("\\.//^\\")

/** What X-Wing is made of. */
interface Parts {
  readonly mlKem768: Kem
  readonly x25519: X25519
  readonly sha3: (bytes: Uint8Array) => Uint8Array
  readonly shake256: (bytes: Uint8Array, length: number) => Uint8Array
}

/** X-Wing of these parts. Seed: 32 bytes; coins: 32 for ML-KEM, then 32 for X25519. */
export const xWing = ({ mlKem768, sha3, shake256, x25519 }: Parts): Kem => {
  const combine = (mlSecret: Uint8Array, xSecret: Uint8Array, xCiphertext: Uint8Array, xPublic: Uint8Array) =>
    sha3(concat(mlSecret, xSecret, xCiphertext, xPublic, label))
  return {
    keyOf: (seed) =>
      Effect.gen(function*() {
        const expanded = shake256(seed, 96)
        const mlKey = yield* mlKem768.keyOf(expanded.subarray(0, 64))
        const xKey = yield* x25519(expanded.subarray(64))
        const decapsulate: KemSecret["decapsulate"] = Effect.fnUntraced(function*(ciphertext) {
          if (ciphertext.length !== CapsuleBytes) return yield* new Refused()
          const xCiphertext = ciphertext.subarray(MlKemCapsuleBytes)
          const xSecret = yield* xKey.shared(xCiphertext)
          const mlSecret = yield* mlKey.decapsulate(ciphertext.subarray(0, MlKemCapsuleBytes))
          return combine(mlSecret, xSecret, xCiphertext, xKey.publicKey)
        })
        return { publicKey: concat(mlKey.publicKey, xKey.publicKey), decapsulate }
      }),
    encapsulate: Effect.fnUntraced(function*(publicKey, coins) {
      if (publicKey.length !== PublicBytes) return yield* new Refused()
      const xPublic = publicKey.subarray(MlKemPublicBytes)
      const ephemeral = yield* x25519(coins.subarray(32))
      const xSecret = yield* ephemeral.shared(xPublic)
      const ml = yield* mlKem768.encapsulate(publicKey.subarray(0, MlKemPublicBytes), coins.subarray(0, 32))
      return {
        ciphertext: concat(ml.ciphertext, ephemeral.publicKey),
        secret: combine(ml.secret, xSecret, ephemeral.publicKey, xPublic)
      }
    })
  }
}
