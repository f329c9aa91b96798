/**
 * A key for one sealed thing, and the commitment that stands in front of it.
 *
 * HKDF-SHA256 over the key, with a random salt and, as info, a label and the SHA-256 of what the sealed thing is bound to. The first
 * 32 bytes encrypt; the other 32 hold for one key, one salt and one scope, and are compared before anything is decrypted. AES-GCM
 * alone holds for none: one ciphertext can be made to open under two keys ("Message Franking via Committing Authenticated
 * Encryption", Grubbs, Lu, Ristenpart, 2017).
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { concat } from "./Bytes.ts"
import { type ChunkCipher, MalformedKey, type Secret, type Suite } from "./CryptoSuite.ts"
import { onward } from "./Engine.ts"

export const SaltBytes = 16
export const CommitmentBytes = 32
const KeyBytes = 32

export interface Committed {
  readonly cipher: ChunkCipher
  readonly commitment: Uint8Array
}

/** `scope`: whatever must be the same when it is opened. */
export const commit = (
  { chunkCipher, hkdf, sha256 }: Pick<Suite, "chunkCipher" | "hkdf" | "sha256">,
  key: Uint8Array,
  salt: Uint8Array,
  label: Uint8Array,
  scope: Uint8Array
): Effect.Effect<Committed> =>
  onward(
    sha256(scope),
    (digest) =>
      onward(hkdf({ key, salt, info: concat(label, digest), length: KeyBytes + CommitmentBytes }), (bytes) =>
        onward(chunkCipher(bytes.subarray(0, KeyBytes)), (cipher) =>
          Effect.succeed({ cipher, commitment: bytes.subarray(KeyBytes) })))
  )

/** The 32 bytes of a key that seals. */
export const symmetric = (key: Secret): Effect.Effect<Uint8Array, MalformedKey> => {
  const bytes = Redacted.value(key)
  return bytes.length === KeyBytes ? Effect.succeed(bytes) : Effect.fail(new MalformedKey({ kind: "symmetric key" }))
}
