/** The suite by noble's portable code alone: slow, the same everywhere, and what the other engines are held to. */
import { gcm } from "@noble/ciphers/aes.js"
import { ed25519, x25519 } from "@noble/curves/ed25519.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import type { KEM } from "@noble/post-quantum/utils.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type ChunkCipher, CryptoSuite, NotOpened } from "./CryptoSuite.ts"
import * as Ed25519 from "./Ed25519.ts"
import { type Engine, type Kem, Refused, type X25519 } from "./Engine.ts"
import * as Randomness from "./Randomness.ts"
import { construct } from "./SuiteConstruction.ts"

const refusing = <A>(make: () => A): Effect.Effect<A, Refused> => Effect.try({ try: make, catch: () => new Refused() })

const kemOf = (kem: KEM): Kem => ({
  keyOf: (seed) =>
    Effect.sync(() => {
      const { publicKey, secretKey } = kem.keygen(seed)
      return { publicKey, decapsulate: (ciphertext) => refusing(() => kem.decapsulate(ciphertext, secretKey)) }
    }),
  encapsulate: (publicKey, coins) =>
    refusing(() => {
      const { cipherText, sharedSecret } = kem.encapsulate(publicKey, coins)
      return { ciphertext: cipherText, secret: sharedSecret }
    })
})

/** ML-KEM-768 by noble: what an engine uses whose platform has none. */
export const mlKem768: Kem = kemOf(ml_kem768)

/** X25519 by noble. */
export const portableX25519: X25519 = (secret) =>
  Effect.sync(() => ({
    publicKey: x25519.getPublicKey(secret),
    shared: (publicKey) => refusing(() => x25519.getSharedSecret(secret, publicKey))
  }))

/** AES-256-GCM by noble. */
export const chunkCipher = (key: Uint8Array): Effect.Effect<ChunkCipher> =>
  Effect.succeed({
    seal: (nonce, aad, plain) => Effect.sync(() => gcm(key, nonce, aad).encrypt(plain)),
    open: (nonce, aad, sealed) =>
      Effect.try({ try: () => gcm(key, nonce, aad).decrypt(sealed), catch: () => new NotOpened() })
  })

/** The primitives, with randomness of the caller's choice. */
export const engine = (randomBytes: Randomness.Randomness): Engine => ({
  randomBytes,
  sha256: (bytes) => Effect.sync(() => sha256(bytes)),
  hmac: (key, bytes) => Effect.sync(() => hmac(sha256, key, bytes)),
  hkdf: ({ info, key, length, salt }) => Effect.sync(() => hkdf(sha256, key, salt, info, length)),
  chunkCipher,
  signerOf: (seed) =>
    Effect.sync(() => ({
      publicKey: ed25519.getPublicKey(seed),
      sign: (message) => Effect.sync(() => ed25519.sign(message, seed))
    })),
  verify: (publicKey, message, signature) => Effect.sync(() => Ed25519.verify(publicKey, message, signature)),
  x25519: portableX25519,
  mlKem768,
  xWing: kemOf(ml_kem768_x25519)
})

export const layer: Layer.Layer<CryptoSuite> = Layer.sync(CryptoSuite, () => construct(engine(Randomness.system)))

/** All that is random follows from the seed. */
export const layerTest = (seed: string): Layer.Layer<CryptoSuite> =>
  Layer.sync(CryptoSuite, () => construct(engine(Randomness.seeded(seed))))
