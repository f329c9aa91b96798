/**
 * Where a device keeps its secrets: by name, whole or not at all. `IndexedDbKeyStore` in browsers, `FileKeyStore` on Node.
 *
 * K1  What was written is read back until it is written anew or removed, also by who opens the store later.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

/** The store cannot be used; `message` says what to do, and nothing of what is in it. */
export class KeyStoreError extends Schema.TaggedError<KeyStoreError>()("KeyStoreError", { message: Schema.String }) {}

export type SecretBytes = Redacted.Redacted<Uint8Array>

export class KeyStore extends Context.Tag("@vivim/client/account/KeyStore")<KeyStore, {
  readonly read: (name: string) => Effect.Effect<SecretBytes | null, KeyStoreError>
  readonly write: (name: string, secret: SecretBytes) => Effect.Effect<void, KeyStoreError>
  readonly remove: (name: string) => Effect.Effect<void, KeyStoreError>
}>() {
  /** Forgotten with the program: for tests and trials. */
  static readonly layerMemory: Layer.Layer<KeyStore> = Layer.sync(KeyStore, () => {
    const kept = new Map<string, Uint8Array>()
    return {
      read: (name) =>
        Effect.sync(() => {
          const secret = kept.get(name)
          return secret === undefined ? null : Redacted.make(secret.slice())
        }),
      write: (name, secret) => Effect.sync(() => void kept.set(name, Redacted.value(secret).slice())),
      remove: (name) => Effect.sync(() => void kept.delete(name))
    }
  })
}
