/**
 * The one suite of algorithms VIVIM speaks, behind one port: strict Ed25519, X-Wing, HKDF-SHA256, AES-256-GCM that commits to its
 * key, SHA-256. Its number stands first in all that is sealed or signed.
 *
 * S1  Whatever engine does the work, the answer is the same: bytes, verdicts and refusals.
 * S2  What names another suite is refused; nothing is negotiated.
 * S3  What was sealed opens with the same key and `aad` only, and no byte of it can be altered. A sealed thing opens under one key:
 *     which one is checked before anything is decrypted.
 * S4  What is sealed to a public key opens with its secret half and the same `aad` only.
 * S5  Errors say what kind of thing was refused, never what it held.
 *
 * Engines: `NodeCryptoSuite`, `BrowserCryptoSuite`, `ReferenceCryptoSuite`; each has a `layer`, and a `layerTest` whose randomness
 * comes from a seed. Every operation of the node and the reference engine is synchronous: `Effect.runSync` runs it.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

/** The number of suite v1: the first byte, or the first field, of whatever it sealed or signed. */
export const SuiteV1 = 1

/** 32 secret bytes, or 64 where that is said. */
export type Secret = Redacted.Redacted<Uint8Array>

/** The bytes name a suite this build does not know. */
export class UnknownSuite extends Schema.TaggedError<UnknownSuite>()("UnknownSuite", { suite: Schema.Number }) {}

/** The bytes are no key of the kind that was needed. */
export class MalformedKey extends Schema.TaggedError<MalformedKey>()("MalformedKey", {
  kind: Schema.Literal("signing seed", "KEM seed", "KEM public key", "symmetric key", "recovery secret")
}) {}

/** The key is another one, the `aad` is, or the bytes are not what was sealed: which of them is not said. */
export class NotOpened extends Schema.TaggedError<NotOpened>()("NotOpened", {}) {}

/** Who holds it can sign. */
export interface Signer {
  /** 32 bytes, RFC 8032. */
  readonly publicKey: Uint8Array
  /** 64 bytes; the same ones for the same message. */
  readonly sign: (message: Uint8Array) => Effect.Effect<Uint8Array>
}

/** A secret made for the holder of a public key, and the bytes that tell them. */
export interface Encapsulated {
  /** 1,120 bytes. */
  readonly ciphertext: Uint8Array
  /** 32 bytes. */
  readonly secret: Secret
}

/** Who holds it can learn what was encapsulated or sealed to its public key. */
export interface KemKey {
  /** 1,216 bytes: ML-KEM-768, then X25519. */
  readonly publicKey: Uint8Array
  /** The secret of `Encapsulated`. ML-KEM rejects implicitly: a ciphertext made for somebody else gives a secret nobody has. */
  readonly decapsulate: (ciphertext: Uint8Array) => Effect.Effect<Secret, NotOpened>
}

/** How HKDF is asked (RFC 5869). */
export interface Derivation {
  readonly key: Uint8Array
  readonly salt: Uint8Array
  readonly info: Uint8Array
  /** Bytes, at most 8,160. */
  readonly length: number
}

/** A key made ready for chunks: the caller answers for never using a nonce twice. AES-256-GCM, NIST SP 800-38D. */
export interface ChunkCipher {
  /** The ciphertext and its 16 bytes of tag. `nonce`: 12 bytes. */
  readonly seal: (nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array) => Effect.Effect<Uint8Array>
  readonly open: (
    nonce: Uint8Array,
    aad: Uint8Array,
    sealed: Uint8Array
  ) => Effect.Effect<Uint8Array, NotOpened>
}

/** What the suite can do. */
export interface Suite {
  readonly randomBytes: (length: number) => Effect.Effect<Uint8Array>
  /** FIPS 180-4; 32 bytes. */
  readonly sha256: (bytes: Uint8Array) => Effect.Effect<Uint8Array>
  /** HMAC-SHA256, RFC 2104; 32 bytes. */
  readonly hmac: (key: Uint8Array, bytes: Uint8Array) => Effect.Effect<Uint8Array>
  /** HKDF-SHA256, RFC 5869. */
  readonly hkdf: (derivation: Derivation) => Effect.Effect<Uint8Array>
  /** The key whose secret is this seed of 32 bytes. */
  readonly signerOf: (seed: Secret) => Effect.Effect<Signer, MalformedKey>
  /** The strict profile of `Ed25519`. Never fails: what is no key or no signature verifies nothing. */
  readonly verify: (
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array
  ) => Effect.Effect<boolean>
  /** The X-Wing key whose secret is this seed of 32 bytes (draft-connolly-cfrg-xwing-kem; HPKE KEM 0x647a). */
  readonly kemKeyOf: (seed: Secret) => Effect.Effect<KemKey, MalformedKey>
  readonly encapsulate: (publicKey: Uint8Array) => Effect.Effect<Encapsulated, MalformedKey>
  /** Suite, 32 bytes commitment, 16 bytes salt, ciphertext, 16 bytes tag: 65 bytes more than the plain ones. */
  readonly seal: (key: Secret, aad: Uint8Array, plain: Uint8Array) => Effect.Effect<Uint8Array, MalformedKey>
  readonly open: (
    key: Secret,
    aad: Uint8Array,
    sealed: Uint8Array
  ) => Effect.Effect<Uint8Array, NotOpened | UnknownSuite | MalformedKey>
  /** Suite, 1,120 bytes for the KEM, then as `seal` without its suite: 1,185 bytes more than the plain ones. */
  readonly sealTo: (
    publicKey: Uint8Array,
    aad: Uint8Array,
    plain: Uint8Array
  ) => Effect.Effect<Uint8Array, MalformedKey>
  readonly openWith: (
    key: KemKey,
    aad: Uint8Array,
    sealed: Uint8Array
  ) => Effect.Effect<Uint8Array, NotOpened | UnknownSuite>
  /** For what is sealed in chunks: `SealedStream`. */
  readonly chunkCipher: (key: Uint8Array) => Effect.Effect<ChunkCipher>
}

export class CryptoSuite extends Context.Tag("@vivim/crypto/CryptoSuite")<CryptoSuite, Suite>() {}
