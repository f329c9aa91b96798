/**
 * The primitives an engine brings; `SuiteConstruction` makes the suite of them, the same way for each.
 *
 * An engine that need not wait answers at once, with `Effect.succeed` or `Effect.fail`, and `onward` goes on without going through the
 * runtime: of what sealing 1 KB costs, that was a third. So a primitive does its work when it is called; the suite defers it.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ChunkCipher, Derivation, Signer } from "./CryptoSuite.ts"

/** What was given is no key, no ciphertext, or makes no secret. */
export class Refused extends Data.TaggedError("Refused") {}

const isDone = <A, E>(effect: Effect.Effect<A, E>): effect is Exit.Exit<A, E> => Exit.isExit(effect)

/** What comes next: at once where the first is known already, else when it is. */
export const onward = <A, E, B, E2>(
  first: Effect.Effect<A, E>,
  next: (value: A) => Effect.Effect<B, E2>
): Effect.Effect<B, E | E2> => isDone(first) && Exit.isSuccess(first) ? next(first.value) : Effect.flatMap(first, next)

/** The secret half of an X25519 key. */
export interface X25519Key {
  readonly publicKey: Uint8Array
  readonly shared: (publicKey: Uint8Array) => Effect.Effect<Uint8Array, Refused>
}

/** X25519 (RFC 7748) of a secret of 32 bytes. A shared secret of zeros, which a key of small order makes, is refused. */
export type X25519 = (secret: Uint8Array) => Effect.Effect<X25519Key>

/** A shared secret and the bytes that tell it. */
export interface Encapsulation {
  readonly ciphertext: Uint8Array
  readonly secret: Uint8Array
}

/** The secret half of a KEM's key. */
export interface KemSecret {
  readonly publicKey: Uint8Array
  readonly decapsulate: (ciphertext: Uint8Array) => Effect.Effect<Uint8Array, Refused>
}

/** A key encapsulation mechanism: ML-KEM-768 (FIPS 203; seed 64, coins 32 bytes) or X-Wing (seed 32, coins 64). */
export interface Kem {
  readonly keyOf: (seed: Uint8Array) => Effect.Effect<KemSecret>
  /** What randomness it needs is given as `coins`. */
  readonly encapsulate: (publicKey: Uint8Array, coins: Uint8Array) => Effect.Effect<Encapsulation, Refused>
}

export interface Engine {
  readonly randomBytes: (length: number) => Effect.Effect<Uint8Array>
  readonly sha256: (bytes: Uint8Array) => Effect.Effect<Uint8Array>
  readonly hmac: (key: Uint8Array, bytes: Uint8Array) => Effect.Effect<Uint8Array>
  readonly hkdf: (derivation: Derivation) => Effect.Effect<Uint8Array>
  /** AES-256-GCM with a tag of 16 bytes. */
  readonly chunkCipher: (key: Uint8Array) => Effect.Effect<ChunkCipher>
  /** The Ed25519 key of a seed of 32 bytes. */
  readonly signerOf: (seed: Uint8Array) => Effect.Effect<Signer>
  /** By the strict profile of `Ed25519`. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Effect.Effect<boolean>
  readonly x25519: X25519
  readonly mlKem768: Kem
  readonly xWing: Kem
}
