/**
 * Secrets of a device in a browser: sealed under an AES key that the browser holds and does not give out (WebCrypto, not extractable),
 * in IndexedDB. A copy of the profile's files is then not enough for who cannot run that browser; a script of the same origin is.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { asked, type Database, opened } from "../IndexedDb.ts"
import { KeyStore, KeyStoreError } from "./KeyStore.ts"

type SealingKey = Parameters<typeof crypto.subtle.encrypt>[1]

const Kept = "kept"
const KeyName = "sealing-key"

interface Sealed {
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly bytes: ArrayBuffer
}

const kept = (db: Database) => db.transaction(Kept).objectStore(Kept)
const keeping = (db: Database) => db.transaction(Kept, "readwrite").objectStore(Kept)

const trying = <A>(work: () => Promise<A>) =>
  Effect.tryPromise({
    try: work,
    catch: () => new KeyStoreError({ message: "This browser keeps nothing for this page: allow it to store data." })
  })

/** The key of this store, made by whoever comes first: `add` refuses where one is there already. */
const sealingKey = (db: Database): Promise<SealingKey> => {
  const get = () => asked(kept(db).get(KeyName)) as Promise<SealingKey | undefined>
  const make = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])
  const keep = (key: SealingKey) => asked(keeping(db).add(key, KeyName)).then(() => key, get)
  return get().then((key) => key ?? make().then(keep)) as Promise<SealingKey>
}

const algorithm = (name: string, nonce: Uint8Array<ArrayBuffer>) => ({
  name: "AES-GCM",
  iv: nonce,
  additionalData: new TextEncoder().encode(name)
})

const read = (db: Database, key: SealingKey, name: string) =>
  asked(kept(db).get(`secret/${name}`)).then((found) => {
    const sealed = found as Sealed | undefined
    return sealed === undefined
      ? null
      : crypto.subtle.decrypt(algorithm(name, sealed.nonce), key, sealed.bytes).then((bytes) =>
        Redacted.make(new Uint8Array(bytes))
      )
  })

const write = (db: Database, key: SealingKey, name: string, secret: Uint8Array) => {
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  return crypto.subtle.encrypt(algorithm(name, nonce), key, Uint8Array.from(secret)).then((bytes) =>
    asked(keeping(db).put({ nonce, bytes } satisfies Sealed, `secret/${name}`)).then(() => undefined)
  )
}

export const layer = (database = "vivim-keys"): Layer.Layer<KeyStore, KeyStoreError> =>
  Layer.effect(
    KeyStore,
    trying(() => opened(database, Kept).then((db) => sealingKey(db).then((key) => ({ db, key })))).pipe(
      Effect.map(({ db, key }) =>
        KeyStore.of({
          read: (name) => trying(() => read(db, key, name)),
          write: (name, secret) => trying(() => write(db, key, name, Redacted.value(secret))),
          remove: (name) => trying(() => asked(keeping(db).delete(`secret/${name}`)).then(() => undefined))
        })
      )
    )
  )
