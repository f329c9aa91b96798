/**
 * How suite v1 is made of an engine's primitives. Each sealed thing has a key of its own (`Commitment`) that encrypts once, so that
 * the nonce of AES-GCM may be zero.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { bytesEqual, concat, utf8 } from "./Bytes.ts"
import { commit, CommitmentBytes, SaltBytes, symmetric } from "./Commitment.ts"
import { type KemKey, MalformedKey, NotOpened, type Secret, type Suite, SuiteV1, UnknownSuite } from "./CryptoSuite.ts"
import { type Engine, type KemSecret, onward } from "./Engine.ts"

const KeyBytes = 32
const TagBytes = 16
const CapsuleBytes = 1_120
const KemPublicBytes = 1_216
const CoinsBytes = 64

const sealLabel = utf8("vivim/seal/1\0")
const sealToLabel = utf8("vivim/seal-to/1\0")
const noBytes = new Uint8Array(0)
const zeroNonce = new Uint8Array(12)

/** Refuses what another suite sealed, and what is too short to have been sealed by this one. */
const checkHead = (sealed: Uint8Array, bytesMin: number): Effect.Effect<void, UnknownSuite | NotOpened> => {
  const suite = sealed[0]
  if (suite !== undefined && suite !== SuiteV1) return Effect.fail(new UnknownSuite({ suite }))
  return sealed.length < bytesMin ? Effect.fail(new NotOpened()) : Effect.void
}

/** `scope`: what the sealed thing is bound to. `body`: commitment, salt, ciphertext, tag. */
const sealing = (engine: Engine) => {
  const seal = (key: Uint8Array, label: Uint8Array, scope: Uint8Array, plain: Uint8Array, head: Uint8Array) =>
    onward(
      engine.randomBytes(SaltBytes),
      (salt) =>
        onward(commit(engine, key, salt, label, scope), ({ cipher, commitment }) =>
          onward(cipher.seal(zeroNonce, noBytes, plain), (sealed) =>
            Effect.succeed(concat(head, commitment, salt, sealed))))
    )
  const open = (key: Uint8Array, label: Uint8Array, scope: Uint8Array, body: Uint8Array) => {
    const salt = body.subarray(CommitmentBytes, CommitmentBytes + SaltBytes)
    return onward(
      commit(engine, key, salt, label, scope),
      ({ cipher, commitment }) =>
        bytesEqual(commitment, body.subarray(0, CommitmentBytes))
          ? cipher.open(zeroNonce, noBytes, body.subarray(CommitmentBytes + SaltBytes))
          : Effect.fail(new NotOpened())
    )
  }
  return { seal, open }
}

const suiteByte = Uint8Array.of(SuiteV1)
const BodyMin = CommitmentBytes + SaltBytes + TagBytes

const kemKeyOf = ({ decapsulate, publicKey }: KemSecret): KemKey => ({
  publicKey,
  decapsulate: (ciphertext) =>
    Effect.mapBoth(decapsulate(ciphertext), { onFailure: () => new NotOpened(), onSuccess: Redacted.make })
})

const fromSeed = <A>(
  seed: Secret,
  kind: "signing seed" | "KEM seed",
  make: (seed: Uint8Array) => Effect.Effect<A>
): Effect.Effect<A, MalformedKey> => {
  const bytes = Redacted.value(seed)
  return bytes.length === KeyBytes ? make(bytes) : Effect.fail(new MalformedKey({ kind }))
}

/** The suite whose work this engine does. */
export const construct = (engine: Engine): Suite => {
  const { open, seal } = sealing(engine)
  const encapsulate = (publicKey: Uint8Array) =>
    Effect.gen(function*() {
      const malformed = new MalformedKey({ kind: "KEM public key" })
      if (publicKey.length !== KemPublicBytes) return yield* malformed
      const coins = yield* engine.randomBytes(CoinsBytes)
      return yield* Effect.mapError(engine.xWing.encapsulate(publicKey, coins), () => malformed)
    })
  return {
    randomBytes: (length) => Effect.suspend(() => engine.randomBytes(length)),
    sha256: (bytes) => Effect.suspend(() => engine.sha256(bytes)),
    hmac: (key, bytes) => Effect.suspend(() => engine.hmac(key, bytes)),
    hkdf: (derivation) => Effect.suspend(() => engine.hkdf(derivation)),
    verify: (publicKey, message, signature) => Effect.suspend(() => engine.verify(publicKey, message, signature)),
    chunkCipher: (key) => Effect.suspend(() => engine.chunkCipher(key)),
    signerOf: (seed) => fromSeed(seed, "signing seed", engine.signerOf),
    kemKeyOf: (seed) => fromSeed(seed, "KEM seed", (bytes) => Effect.map(engine.xWing.keyOf(bytes), kemKeyOf)),
    encapsulate: (publicKey) =>
      Effect.map(encapsulate(publicKey), ({ ciphertext, secret }) => ({ ciphertext, secret: Redacted.make(secret) })),
    seal: (key, aad, plain) =>
      Effect.suspend(() => onward(symmetric(key), (bytes) => seal(bytes, sealLabel, aad, plain, suiteByte))),
    open: (key, aad, sealed) =>
      Effect.suspend(() =>
        onward(
          symmetric(key),
          (bytes) => onward(checkHead(sealed, 1 + BodyMin), () => open(bytes, sealLabel, aad, sealed.subarray(1)))
        )
      ),
    sealTo: (publicKey, aad, plain) =>
      Effect.gen(function*() {
        const { ciphertext, secret } = yield* encapsulate(publicKey)
        const scope = concat(publicKey, ciphertext, aad)
        return yield* seal(secret, sealToLabel, scope, plain, concat(suiteByte, ciphertext))
      }),
    openWith: (key, aad, sealed) =>
      Effect.gen(function*() {
        yield* checkHead(sealed, 1 + CapsuleBytes + BodyMin)
        const ciphertext = sealed.subarray(1, 1 + CapsuleBytes)
        const secret = Redacted.value(yield* key.decapsulate(ciphertext))
        const scope = concat(key.publicKey, ciphertext, aad)
        return yield* open(secret, sealToLabel, scope, sealed.subarray(1 + CapsuleBytes))
      })
  }
}
