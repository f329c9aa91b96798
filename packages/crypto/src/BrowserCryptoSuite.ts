/**
 * The suite by the Web Cryptography API where the platform has it, by noble where not. ML-KEM is noble's.
 *
 * B1  The platform's Ed25519 is used only if it refuses the hostile signatures of `probes` as the strict profile does.
 * B2  A device's signing key need never be bytes: where the platform has Ed25519 it makes one that cannot be taken out of it.
 *
 * Source: Web Cryptography API Level 2 (W3C); "Secure Curves in the Web Cryptography API" (WICG).
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha3_256, shake256 } from "@noble/hashes/sha3.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { concat } from "./Bytes.ts"
import { type ChunkCipher, CryptoSuite, NotOpened, type Signer } from "./CryptoSuite.ts"
import * as Ed25519 from "./Ed25519.ts"
import { probes } from "./Ed25519Probes.ts"
import { type Engine, Refused, type X25519 } from "./Engine.ts"
import * as Randomness from "./Randomness.ts"
import * as Reference from "./ReferenceCryptoSuite.ts"
import { construct } from "./SuiteConstruction.ts"
import { xWing } from "./XWing.ts"

type Subtle = typeof globalThis.crypto.subtle
type Key = Awaited<ReturnType<Subtle["importKey"]>>

/** The API takes no memory that is shared between threads; none of ours is. */
const own = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>
const bytesOf = (buffer: ArrayBuffer) => new Uint8Array(buffer)

/** The DER of private keys, but for their 32 bytes (RFC 8410, 7). */
const ed25519Head = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)
const x25519Head = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20)
/** The base point, u = 9: the shared secret with it is the public key. */
const basePoint = Uint8Array.from({ length: 32 }, (_, at) => at === 0 ? 9 : 0)

const chunkCipher = (subtle: Subtle) => (key: Uint8Array): Effect.Effect<ChunkCipher> =>
  Effect.map(
    Effect.promise(() => subtle.importKey("raw", own(key), "AES-GCM", false, ["encrypt", "decrypt"])),
    (held): ChunkCipher => {
      const how = (nonce: Uint8Array, aad: Uint8Array) => ({
        name: "AES-GCM",
        iv: own(nonce),
        additionalData: own(aad),
        tagLength: 128
      })
      return {
        seal: (nonce, aad, plain) =>
          Effect.map(Effect.promise(() => subtle.encrypt(how(nonce, aad), held, own(plain))), bytesOf),
        open: (nonce, aad, sealed) =>
          Effect.map(
            Effect.tryPromise({
              try: () => subtle.decrypt(how(nonce, aad), held, own(sealed)),
              catch: () => new NotOpened()
            }),
            bytesOf
          )
      }
    }
  )

const verifying = (subtle: Subtle) => (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  Effect.promise(() =>
    subtle.importKey("raw", own(publicKey), "Ed25519", false, ["verify"]).then((key) =>
      subtle.verify("Ed25519", key, own(signature), own(message))
    ).catch(() => false)
  )

const signerOf = (subtle: Subtle) => (seed: Uint8Array): Effect.Effect<Signer> =>
  Effect.map(
    Effect.promise(() => subtle.importKey("pkcs8", own(concat(ed25519Head, seed)), "Ed25519", false, ["sign"])),
    (key) => signing(subtle, key, ed25519.getPublicKey(seed))
  )

const signing = (subtle: Subtle, key: Key, publicKey: Uint8Array): Signer => ({
  publicKey,
  sign: (message) => Effect.map(Effect.promise(() => subtle.sign("Ed25519", key, own(message))), bytesOf)
})

const x25519 = (subtle: Subtle): X25519 => (secret) =>
  Effect.gen(function*() {
    const key = yield* Effect.promise(() =>
      subtle.importKey("pkcs8", own(concat(x25519Head, secret)), "X25519", false, ["deriveBits"])
    )
    const shared = (publicKey: Uint8Array) =>
      Effect.map(
        Effect.tryPromise({
          try: () =>
            subtle.importKey("raw", own(publicKey), "X25519", false, []).then((other) =>
              subtle.deriveBits({ name: "X25519", public: other }, key, 256)
            ),
          catch: () => new Refused()
        }),
        bytesOf
      )
    return { publicKey: yield* Effect.orDie(shared(basePoint)), shared }
  })

/** Whether the platform's Ed25519 gives the verdicts of the strict profile, where it has one. */
const hasStrictEd25519 = (subtle: Subtle): Effect.Effect<boolean> =>
  Effect.map(
    Effect.forEach(probes, ({ good, message, publicKey, signature }) =>
      Effect.map(verifying(subtle)(publicKey, message, signature), (verdict) =>
        verdict === good)),
    (answers) =>
      answers.every((asWanted) => asWanted)
  )

const hasX25519 = (subtle: Subtle): Effect.Effect<boolean> =>
  Effect.promise(() =>
    subtle.importKey("pkcs8", own(concat(x25519Head, basePoint)), "X25519", false, ["deriveBits"])
      .then(() => true, () => false)
  )

/** The primitives of this platform, with randomness of the caller's choice. `subtle` is missing where a page is not secure. */
export const engine = (randomBytes: Randomness.Randomness, subtle: Subtle | undefined): Effect.Effect<Engine> =>
  Effect.gen(function*() {
    const portable = Reference.engine(randomBytes)
    if (subtle === undefined) return portable
    const strict = yield* hasStrictEd25519(subtle)
    const curve = (yield* hasX25519(subtle)) ? x25519(subtle) : portable.x25519
    return {
      ...portable,
      sha256: (bytes) => Effect.map(Effect.promise(() => subtle.digest("SHA-256", own(bytes))), bytesOf),
      hkdf: ({ info, key, length, salt }) =>
        Effect.promise(() =>
          subtle.importKey("raw", own(key), "HKDF", false, ["deriveBits"]).then((held) =>
            subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: own(salt), info: own(info) }, held, length * 8)
          ).then(bytesOf)
        ),
      chunkCipher: chunkCipher(subtle),
      signerOf: strict ? signerOf(subtle) : portable.signerOf,
      verify: strict
        ? (publicKey, message, signature) =>
          Ed25519.isKey(publicKey) && Ed25519.isReduced(signature)
            ? verifying(subtle)(publicKey, message, signature)
            : Effect.succeed(false)
        : portable.verify,
      x25519: curve,
      xWing: xWing({
        mlKem768: portable.mlKem768,
        x25519: curve,
        sha3: sha3_256,
        shake256: (bytes, dkLen) => shake256(bytes, { dkLen })
      })
    }
  })

const layerOf = (randomness: () => Randomness.Randomness): Layer.Layer<CryptoSuite> =>
  Layer.effect(
    CryptoSuite,
    Effect.suspend(() => Effect.map(engine(randomness(), globalThis.crypto.subtle), construct))
  )

export const layer: Layer.Layer<CryptoSuite> = layerOf(() => Randomness.system)

/** All that is random follows from the seed. */
export const layerTest = (seed: string): Layer.Layer<CryptoSuite> => layerOf(() => Randomness.seeded(seed))

/** The two halves of a key that the platform keeps: they can be put into IndexedDB, and not be read. */
export interface DeviceKeys {
  readonly privateKey: Key
  readonly publicKey: Key
}

/** A new signing key that cannot be taken out of this browser; none where the platform has no strict Ed25519. */
export const newDeviceKeys: Effect.Effect<Option.Option<DeviceKeys>> = Effect.gen(function*() {
  const { subtle } = globalThis.crypto
  if (subtle === undefined || !(yield* hasStrictEd25519(subtle))) return Option.none()
  const made = yield* Effect.promise(() => subtle.generateKey("Ed25519", false, ["sign", "verify"]))
  return Option.some(made as DeviceKeys)
})

/** Signs with a key of this browser. */
export const deviceSigner = ({ privateKey, publicKey }: DeviceKeys): Effect.Effect<Signer> =>
  Effect.map(
    Effect.promise(() => globalThis.crypto.subtle.exportKey("raw", publicKey)),
    (raw) => signing(globalThis.crypto.subtle, privateKey, bytesOf(raw as ArrayBuffer))
  )
