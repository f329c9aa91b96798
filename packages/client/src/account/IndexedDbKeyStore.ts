/** Secrets of a device in a browser, one account in each store: sealed in its record (`BrowserRecords.ts`), and keys that sign held by the browser itself. */
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as BrowserRecords from "./BrowserRecords.ts"
import { type Held, type Kept, KeyStore, KeyStoreError } from "./KeyStore.ts"
import { open, seal } from "./SealedRecord.ts"

const trying = <A>(work: () => Promise<A>) =>
  Effect.tryPromise({
    try: work,
    catch: () => new KeyStoreError({ message: "This browser keeps nothing for this page: allow it to store data." })
  })

const heldOf = (pair: BrowserCryptoSuite.DeviceKeys): Effect.Effect<Held> =>
  Effect.map(BrowserCryptoSuite.deviceSigner(pair), (signer) => ({ signer, pair }))

/** A signing key of the browser's own, kept nowhere yet. */
export const newHeld: Effect.Effect<Held | null> = Effect.flatMap(
  BrowserCryptoSuite.newDeviceKeys,
  Option.match({ onNone: () => Effect.succeed(null), onSome: heldOf })
)

const read = (account: string, name: string): Effect.Effect<Kept | null, KeyStoreError> =>
  Effect.gen(function*() {
    const record = yield* trying(() => BrowserRecords.read(account))
    const sealed = record?.secrets[name]
    if (record === undefined || sealed === undefined) return null
    const secret = Redacted.make(yield* trying(() => open(record.sealing, name, sealed)))
    const pair = record.held[name] as BrowserCryptoSuite.DeviceKeys | undefined
    return { secret, held: pair === undefined ? null : yield* heldOf(pair) }
  })

const write = (account: string, name: string, secret: Uint8Array, held: Held | null) =>
  trying(() =>
    BrowserRecords.sealingKey(account).then((key) => seal(key, name, secret)).then((sealed) =>
      BrowserRecords.change(account, (record) => {
        const { [name]: _, ...others } = record.held
        return {
          ...record,
          secrets: { ...record.secrets, [name]: sealed },
          held: held === null ? others : { ...others, [name]: held.pair }
        }
      })
    )
  )

const remove = (account: string, name: string) =>
  trying(() =>
    BrowserRecords.change(account, (record) => {
      const [{ [name]: _, ...secrets }, { [name]: __, ...held }] = [record.secrets, record.held]
      return { ...record, secrets, held }
    })
  )

export const layer = (account: string): Layer.Layer<KeyStore> =>
  Layer.succeed(KeyStore, {
    read: (name) => read(account, name),
    write: (name, secret, held = null) => write(account, name, Redacted.value(secret), held),
    remove: (name) => remove(account, name),
    newHeld
  })
