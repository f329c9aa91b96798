/** The suite by node:crypto. ML-KEM is native where the runtime has it (Node 24), else noble's. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as crypto from "node:crypto"
import { concat } from "./Bytes.ts"
import { type ChunkCipher, CryptoSuite, type Derivation, NotOpened, type Signer } from "./CryptoSuite.ts"
import { type Engine, Refused, type X25519 } from "./Engine.ts"
import * as NodeEd25519 from "./NodeEd25519.ts"
import * as NodeMlKem from "./NodeMlKem.ts"
import * as Randomness from "./Randomness.ts"
import * as RawKeys from "./RawKeys.ts"
import { construct } from "./SuiteConstruction.ts"
import { xWing } from "./XWing.ts"

const Aes = "aes-256-gcm"
const TagBytes = 16

const hmac = (key: Uint8Array, bytes: Uint8Array): Uint8Array => crypto.createHmac("sha256", key).update(bytes).digest()

/** By hand, for `hkdfSync` costs six times as much. */
const hkdf = ({ info, key, length, salt }: Derivation): Uint8Array => {
  const blocks = Math.ceil(length / 32)
  if (blocks > 255) throw new RangeError(`HKDF-SHA256 gives 8160 bytes at most, not ${length}`)
  const prk = hmac(salt, key)
  const output = new Uint8Array(blocks * 32)
  let last = new Uint8Array(0)
  for (let n = 1; n <= blocks; n++) {
    last = hmac(prk, concat(last, info, Uint8Array.of(n))) as Uint8Array<ArrayBuffer>
    output.set(last, (n - 1) * 32)
  }
  return output.subarray(0, length)
}

const sealed = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array => {
  const cipher = crypto.createCipheriv(Aes, key, nonce)
  if (aad.length > 0) cipher.setAAD(aad)
  const bytes = new Uint8Array(plain.length + TagBytes)
  bytes.set(cipher.update(plain))
  cipher.final()
  bytes.set(cipher.getAuthTag(), plain.length)
  return bytes
}

/** Nothing of the plain bytes leaves before their tag was found good. */
const opened = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, bytes: Uint8Array): Uint8Array | undefined => {
  const at = bytes.length - TagBytes
  if (at < 0) return undefined
  const decipher = crypto.createDecipheriv(Aes, key, nonce, { authTagLength: TagBytes })
  if (aad.length > 0) decipher.setAAD(aad)
  decipher.setAuthTag(bytes.subarray(at))
  const plain = decipher.update(bytes.subarray(0, at))
  try {
    decipher.final()
    return plain
  } catch {
    return undefined
  }
}

const chunkCipher = (key: Uint8Array): Effect.Effect<ChunkCipher> =>
  Effect.succeed({
    seal: (nonce, aad, plain) => Effect.succeed(sealed(key, nonce, aad, plain)),
    open: (nonce, aad, bytes) => {
      const plain = opened(key, nonce, aad, bytes)
      return plain === undefined ? Effect.fail(new NotOpened()) : Effect.succeed(plain)
    }
  })

const signerOf = (seed: Uint8Array): Effect.Effect<Signer> =>
  Effect.sync(() => {
    const key = RawKeys.privateKey("Ed25519", seed)
    return {
      publicKey: RawKeys.publicBytes(key),
      sign: (message) => Effect.sync(() => crypto.sign(null, message, key))
    }
  })

const x25519: X25519 = (secret) =>
  Effect.sync(() => {
    const privateKey = RawKeys.privateKey("X25519", secret)
    return {
      publicKey: RawKeys.publicBytes(privateKey),
      shared: (bytes) =>
        Effect.try({
          try: () =>
            new Uint8Array(crypto.diffieHellman({ privateKey, publicKey: RawKeys.publicKey("X25519", bytes) })),
          catch: () => new Refused()
        })
    }
  })

/** The primitives, with randomness of the caller's choice; `coins` says who tosses the coins of ML-KEM. */
export const engine = (randomBytes: Randomness.Randomness, coins: "given" | "native"): Engine => {
  const mlKem768 = NodeMlKem.mlKem768(coins)
  return {
    randomBytes,
    sha256: (bytes) => Effect.succeed(crypto.hash("sha256", bytes, "buffer")),
    hmac: (key, bytes) => Effect.succeed(hmac(key, bytes)),
    hkdf: (derivation) => Effect.succeed(hkdf(derivation)),
    chunkCipher,
    signerOf,
    verify: (publicKey, message, signature) => Effect.succeed(NodeEd25519.verify(publicKey, message, signature)),
    x25519,
    mlKem768,
    xWing: xWing({
      mlKem768,
      x25519,
      sha3: (bytes) => crypto.createHash("sha3-256").update(bytes).digest(),
      shake256: (bytes, outputLength) => crypto.createHash("shake256", { outputLength }).update(bytes).digest()
    })
  }
}

export const layer: Layer.Layer<CryptoSuite> = Layer.sync(
  CryptoSuite,
  () => construct(engine(Randomness.system, "native"))
)

/** All that is random follows from the seed. */
export const layerTest = (seed: string): Layer.Layer<CryptoSuite> =>
  Layer.sync(CryptoSuite, () => construct(engine(Randomness.seeded(seed), "given")))
