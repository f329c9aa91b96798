/**
 * The keys of one device of one account, as its key store keeps them: one record, so that none is there without the others.
 *
 * Y1  What is kept is read back; a record of another form is refused, and never said.
 */
import {
  CryptoSuite,
  type KemKey,
  type MalformedKey,
  type Secret,
  type Signer,
  SuiteV1
} from "@vivim/crypto/CryptoSuite"
import * as DidKey from "@vivim/crypto/DidKey"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import { Did as DidSchema } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { KeyStore, KeyStoreError } from "./KeyStore.ts"

const Key = Schema.Redacted(Schema.Uint8ArrayFromSelf.pipe(Schema.filter((bytes) => bytes.length === 32)))

const DeviceKeys = Schema.Struct({
  v: Schema.Literal(SuiteV1),
  /** Null until another device let this one in. */
  did: Schema.NullOr(DidSchema),
  /** Where the account is. */
  origin: Schema.String,
  signing: Key,
  kem: Key,
  /** What the chain of keys is derived from that the device signs operations with. */
  rotation: Key,
  /** What master keys are wrapped to the recovery kit with; null where this device was not given it. */
  kit: Schema.NullOr(Key),
  masterKeys: Schema.Array(Schema.Struct({ generation: Schema.Int, key: Key }))
})
export type DeviceKeys = typeof DeviceKeys.Type

const name = "device"
const broken = () => new KeyStoreError({ message: "The keys of this device cannot be read: they are damaged." })

/** New keys, for no account yet. */
export const make = (origin: string): Effect.Effect<DeviceKeys, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { randomBytes } = yield* CryptoSuite
    const key = Effect.map(randomBytes(32), (bytes) => Redacted.make(bytes))
    return {
      v: SuiteV1,
      did: null,
      origin,
      signing: yield* key,
      kem: yield* key,
      rotation: yield* key,
      kit: null,
      masterKeys: []
    }
  })

export const keep = (keys: DeviceKeys): Effect.Effect<void, KeyStoreError, KeyStore> =>
  Effect.flatMap(
    KeyStore,
    ({ write }) => write(name, Redacted.make(Canonical.encode(Schema.encodeSync(DeviceKeys)(keys))))
  )

/** The keys of this device; null where there are none. */
export const read: Effect.Effect<DeviceKeys | null, KeyStoreError, KeyStore> = Effect.gen(function*() {
  const { read } = yield* KeyStore
  const kept = yield* read(name)
  if (kept === null) return null
  return yield* StrictCbor.decode(Redacted.value(kept)).pipe(
    Effect.flatMap(Schema.decodeUnknown(DeviceKeys)),
    Effect.mapError(broken)
  )
})

export const forget: Effect.Effect<void, KeyStoreError, KeyStore> = Effect.flatMap(
  KeyStore,
  ({ remove }) => remove(name)
)

/** A seed this program made or read has its length: that it had not would be a bug. */
const sound = <A, R>(work: Effect.Effect<A, MalformedKey, R>) => Effect.orDie(work)

export const signerOf = ({ signing }: Pick<DeviceKeys, "signing">): Effect.Effect<Signer, never, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, (suite) => sound(suite.signerOf(signing)))

export const kemKeyOf = ({ kem }: Pick<DeviceKeys, "kem">): Effect.Effect<KemKey, never, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, (suite) => sound(suite.kemKeyOf(kem)))

export const deviceIdOf = (keys: Pick<DeviceKeys, "signing">): Effect.Effect<DeviceId, never, CryptoSuite> =>
  Effect.map(signerOf(keys), ({ publicKey }) => DidKey.deviceId(publicKey))

/** What a device signs in with. */
export interface DeviceSigner {
  readonly userId: Did
  readonly deviceId: DeviceId
  readonly sign: (bytes: Uint8Array) => Effect.Effect<Uint8Array>
}

/** The newest master key this device has. */
export const masterKeyOf = (
  { masterKeys }: DeviceKeys
): { readonly generation: number; readonly key: Secret } | null =>
  masterKeys.reduce<DeviceKeys["masterKeys"][number] | null>(
    (newest, one) => newest === null || one.generation > newest.generation ? one : newest,
    null
  )
