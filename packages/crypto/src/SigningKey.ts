/**
 * An Ed25519 key that a node signs with, kept in a file of its own that only its owner can read.
 *
 * K1  What the key signed verifies under its public half; any other bytes, key or signature do not, nor a signature that is another
 *     one's reflection (S not reduced).
 * K2  The file comes into being once, whole or not at all, readable by its owner alone; one that others can read, or that holds no
 *     such key, is refused with a sentence that says what to do.
 * K3  A key that is missing is made only where nothing has been signed yet.
 *
 * The file is a PKCS #8 PEM, so that `openssl pkey` can read it. Source: RFC 8032, 5.1; RFC 8410, 7.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as crypto from "node:crypto"
import * as KeyFile from "./KeyFile.ts"
import * as NodeEd25519 from "./NodeEd25519.ts"
import * as RawKeys from "./RawKeys.ts"

/** The key file is not usable; `message` says what to do. */
export class SigningKeyError extends Schema.TaggedError<SigningKeyError>()("SigningKeyError", {
  message: Schema.String
}) {}

/** Who holds it can sign. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64 bytes; the same ones for the same message. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

const ofKey = (key: crypto.KeyObject): SigningKey => {
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`it holds a key of type ${key.asymmetricKeyType}`)
  return {
    publicKey: RawKeys.publicBytes(key),
    sign: (message) => new Uint8Array(crypto.sign(null, message, key))
  }
}

/** The key whose secret is these 32 bytes. */
export const fromSeed = (seed: Uint8Array): SigningKey => ofKey(RawKeys.privateKey("Ed25519", seed))

/** Whether the holder of this public key signed these bytes, by the strict profile of `Ed25519`. Never throws. */
export const verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean = NodeEd25519.verify

const load = (file: string, mayCreate: boolean): SigningKey => {
  const pem = KeyFile.read({
    file,
    mayCreate,
    make: () => crypto.generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }),
    needed: "things were signed with it already"
  })
  try {
    return ofKey(crypto.createPrivateKey(pem))
  } catch {
    throw new Error("it holds no Ed25519 key in PKCS #8; put the right file back")
  }
}

/** Reads the key, and makes it where `mayCreate` says that nothing was signed yet. */
export const open = (file: string, mayCreate: boolean): Effect.Effect<SigningKey, SigningKeyError> =>
  Effect.try({
    try: () => load(file, mayCreate),
    catch: (cause) =>
      new SigningKeyError({
        message: `The signing key ${file} cannot be used: ${cause instanceof Error ? cause.message : cause}`
      })
  })
