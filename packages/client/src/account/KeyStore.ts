/**
 * Where a device keeps its secrets: by name, whole or not at all. `IndexedDbKeyStore` in browsers, `FileKeyStore` on Node.
 *
 * K1  What was written is read back until it is written anew or removed, also by who opens the store later.
 */
import type { Signer } from "@vivim/crypto/CryptoSuite"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

/** The store cannot be used; `message` says what to do, and nothing of what is in it. */
export class KeyStoreError extends Schema.TaggedError<KeyStoreError>()("KeyStoreError", { message: Schema.String }) {}

export type SecretBytes = Redacted.Redacted<Uint8Array>

/** A signing key that the platform keeps: it signs, and is never bytes. `pair` is what the store lays down. */
export interface Held {
  readonly signer: Signer
  readonly pair: object
}

export interface Kept {
  readonly secret: SecretBytes
  readonly held: Held | null
}

export class KeyStore extends Context.Tag("@vivim/client/account/KeyStore")<KeyStore, {
  readonly read: (name: string) => Effect.Effect<Kept | null, KeyStoreError>
  readonly write: (name: string, secret: SecretBytes, held?: Held | null) => Effect.Effect<void, KeyStoreError>
  readonly remove: (name: string) => Effect.Effect<void, KeyStoreError>
  /** A new key of the platform's own, kept nowhere yet; null where it has none, and keys are bytes. */
  readonly newHeld: Effect.Effect<Held | null, KeyStoreError>
}>() {
  /** Forgotten with the program: for tests and trials. */
  static readonly layerMemory: Layer.Layer<KeyStore> = Layer.sync(KeyStore, () => {
    const kept = new Map<string, { readonly bytes: Uint8Array; readonly held: Held | null }>()
    return {
      read: (name) =>
        Effect.sync(() => {
          const found = kept.get(name)
          return found === undefined ? null : { secret: Redacted.make(found.bytes.slice()), held: found.held }
        }),
      write: (name, secret, held = null) =>
        Effect.sync(() => void kept.set(name, { bytes: Redacted.value(secret).slice(), held })),
      remove: (name) => Effect.sync(() => void kept.delete(name)),
      newHeld: Effect.succeed(null)
    }
  })
}
