/**
 * What a node signs access tokens with, and makes everything else from that it hands out before it knows anybody: one Ed25519 key in a file
 * of its own (PKCS #8 PEM), the same for all processes of a node. A node that loses it signs everybody out, and nothing else.
 *
 * K1  Tokens of one node are none of another's: the key's own thumbprint (RFC 7638) is their issuer, audience and key id.
 * K2  What is made for one use is of no use for another.
 */
import * as KeyFile from "@vivim/crypto/KeyFile"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { calculateJwkThumbprint } from "jose"
import * as crypto from "node:crypto"

/** The key cannot be used; `message` is one sentence that says what to do. */
export class SessionKeyUnusable extends Data.TaggedError("SessionKeyUnusable")<{ readonly message: string }> {}

export interface SessionKey {
  readonly kid: string
  /** Issuer and audience of the node's tokens. */
  readonly issuer: string
  readonly private: crypto.KeyObject
  readonly public: crypto.KeyObject
  /** 32 bytes that only this node can make, from words. */
  readonly mac: (
    use: "challenge" | "refresh" | "provider" | "passkey",
    ...words: ReadonlyArray<string | Uint8Array>
  ) => Buffer
}

const make = (kid: string, privateKey: crypto.KeyObject, publicKey: crypto.KeyObject): SessionKey => {
  const seed = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url")
  const secrets = new Map<string, Buffer>()
  const secretFor = (use: string) => {
    const known = secrets.get(use)
    if (known !== undefined) return known
    const secret = Buffer.from(crypto.hkdfSync("sha256", seed, "", `vivim-session/1 ${use}`, 32))
    secrets.set(use, secret)
    return secret
  }
  return {
    kid,
    issuer: `urn:vivim:node:${kid}`,
    private: privateKey,
    public: publicKey,
    mac: (use, ...words) => {
      const hmac = crypto.createHmac("sha256", secretFor(use))
      for (const word of words) {
        // Each with its length before it: no two lists of words are the same bytes.
        const bytes = typeof word === "string" ? Buffer.from(word) : word
        const length = Buffer.alloc(4)
        length.writeUInt32BE(bytes.length)
        hmac.update(length).update(bytes)
      }
      return hmac.digest()
    }
  }
}

/** Reads the key, and makes it where there is none. */
export const open = (file: string): Effect.Effect<SessionKey, SessionKeyUnusable> =>
  Effect.gen(function*() {
    const [privateKey, publicKey] = yield* Effect.try(() => {
      const pem = KeyFile.read({
        file,
        mayCreate: true,
        make: () => crypto.generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }),
        needed: "sessions were opened with it"
      })
      const key = crypto.createPrivateKey(pem)
      if (key.asymmetricKeyType !== "ed25519") throw new Error(`it holds a key of type ${key.asymmetricKeyType}`)
      return [key, crypto.createPublicKey(key)] as const
    })
    const kid = yield* Effect.tryPromise(() =>
      calculateJwkThumbprint(publicKey.export({ format: "jwk" }) as { kty: string })
    )
    return make(kid, privateKey, publicKey)
  }).pipe(Effect.mapError(({ error }) =>
    new SessionKeyUnusable({
      message: `The key ${file} cannot be used: ${error instanceof Error ? error.message : error}`
    })
  ))

/** Whether two secrets are the same, in a time that tells nothing of where they differ. */
export const same = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && crypto.timingSafeEqual(one, other)

const digest = (words: string) => crypto.createHash("sha256").update(words).digest()

/** The same for words somebody tries: digests have one length, so that not even how long the right ones are is told. */
export const sameWords = (one: string, other: string): boolean => same(digest(one), digest(other))
