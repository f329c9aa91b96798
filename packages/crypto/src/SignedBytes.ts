/**
 * What is signed, whatever it is: the suite, the bytes as they were received, and a signature that holds for one purpose.
 *
 * D1  A signature made for one domain is none in another; nor for other bytes, another key or another suite.
 * D2  What names another suite, or is not canonical, is refused before its signature is looked at.
 *
 * Form: the dag-cbor list [suite, bytes, signature]. Signed is: domain, 0x00, suite, SHA-256 of the bytes.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { concat, utf8 } from "./Bytes.ts"
import { CryptoSuite, type Signer, type Suite, SuiteV1, UnknownSuite } from "./CryptoSuite.ts"
import * as StrictCbor from "./StrictCbor.ts"

/** The bytes are not signed by who should have signed them, or for something else. */
export class SignatureRefused extends Schema.TaggedError<SignatureRefused>()("SignatureRefused", {}) {}

/** What was received, its signature not yet looked at. */
export interface SignedBytes {
  readonly bytes: Uint8Array
  /** 64 bytes. */
  readonly signature: Uint8Array
}

/** What a signature is over; `digest` is the SHA-256 of the bytes. For those who verify without an Effect. */
export const message = (domain: string, digest: Uint8Array): Uint8Array =>
  concat(utf8(domain), Uint8Array.of(0, SuiteV1), digest)

const messageOf = ({ sha256 }: Suite, domain: string, bytes: Uint8Array) =>
  Effect.map(sha256(bytes), (digest) => message(domain, digest))

/** Signs for one purpose: `domain` says which. */
export const sign = (
  signer: Signer,
  domain: string,
  bytes: Uint8Array
): Effect.Effect<Uint8Array, never, CryptoSuite> =>
  Effect.gen(function*() {
    const signature = yield* signer.sign(yield* messageOf(yield* CryptoSuite, domain, bytes))
    return Canonical.encode([SuiteV1, bytes, signature])
  })

/** Whoever made it: what it says it is. */
export const read = (
  received: Uint8Array
): Effect.Effect<SignedBytes, StrictCbor.NotCanonical | UnknownSuite | SignatureRefused> =>
  Effect.gen(function*() {
    const parts = yield* StrictCbor.decode(received)
    if (!Array.isArray(parts) || typeof parts[0] !== "number") return yield* new SignatureRefused()
    const [suite, bytes, signature] = parts
    if (suite !== SuiteV1) return yield* new UnknownSuite({ suite })
    if (parts.length !== 3 || !(bytes instanceof Uint8Array) || !(signature instanceof Uint8Array)) {
      return yield* new SignatureRefused()
    }
    return { bytes, signature }
  })

/** Passes if the holder of this key signed it for this purpose. */
export const verify = (
  publicKey: Uint8Array,
  domain: string,
  { bytes, signature }: SignedBytes
): Effect.Effect<void, SignatureRefused, CryptoSuite> =>
  Effect.gen(function*() {
    const suite = yield* CryptoSuite
    const isGood = yield* suite.verify(publicKey, yield* messageOf(suite, domain, bytes), signature)
    if (!isGood) return yield* new SignatureRefused()
  })
