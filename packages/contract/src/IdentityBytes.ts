/** The bytes that travel for identities, each of its length, as base64url: what is signed, public keys, and keys that are sealed. */
import * as Schema from "effect/Schema"

/** Bytes of that many, as base64url. */
export const base64 = (min: number, max: number, what: string) =>
  Schema.Uint8ArrayFromBase64Url.pipe(
    Schema.filter((bytes) => bytes.length >= min && bytes.length <= max, { message: () => `${what} in base64url` }),
    // In generated tests, few: almost no bytes drawn at random have the length of a key.
    Schema.annotations({
      arbitrary: () => (fc: any) => fc.uint8Array({ minLength: min, maxLength: Math.max(min, Math.min(max, 8)) })
    })
  )

/** An operation of an account's log, signed: canonical dag-cbor. */
export const SignedOperation = base64(1, 8 * 1_024, "a signed operation")
/** An X-Wing public key. */
export const KemKey = base64(1_216, 1_216, "an X-Wing public key")
/** A key sealed to somebody; the node cannot open it. */
export const Sealed = base64(1, 4_096, "a sealed key")

/** An operation, and the keys of the devices it adds or gives another key: their hashes stand in it. */
export const Statement = Schema.Struct({
  operation: SignedOperation,
  kemKeys: Schema.Array(KemKey).pipe(Schema.maxItems(32))
})

/** The operations after the first of an account that comes from another node: the last one is stated for this node, just now. */
export const Statements = Schema.Array(Statement).pipe(Schema.minItems(1), Schema.maxItems(4_096))
