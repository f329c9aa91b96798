/**
 * The keys of one device of one account, as its key store keeps them: one record, so that none is there without the others.
 *
 * Y1  What is kept is read back; a record of another form is refused, and never said.
 */
import { CryptoSuite, type KemKey, type MalformedKey, type Signer, SuiteV1 } from "@vivim/crypto/CryptoSuite"
import * as DidKey from "@vivim/crypto/DidKey"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import { Did as DidSchema } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type Held, KeyStore, KeyStoreError } from "./KeyStore.ts"
import * as Kit from "./Kit.ts"

const Hash = Schema.Uint8ArrayFromSelf.pipe(Schema.filter((bytes) => bytes.length === 32))
const Key = Schema.Redacted(Hash)

/** A device that was given the secret key of the kit once forgets it: it knows too much. */
const KitKey = Schema.transform(Schema.NullOr(Schema.Uint8ArrayFromSelf), Schema.NullOr(Kit.PublicKey), {
  strict: true,
  decode: (kept) => kept !== null && kept.length === 32 ? null : kept,
  encode: (key) => key
})

const Record = Schema.Struct({
  v: Schema.Literal(SuiteV1),
  /** Null while it is not known yet of which account the device will be. */
  did: Schema.NullOr(DidSchema),
  /** Where the account is. */
  origin: Schema.String,
  /** Null: the platform holds it (`held`). */
  signing: Schema.NullOr(Key),
  kem: Key,
  /** What the chain of keys is derived from that the device signs operations with. */
  rotation: Key,
  /** The public key that master keys are wrapped to the recovery kit with; null where this device does not know it. */
  kit: KitKey,
  /** How many operations had been stated when that kit took another's place: what says less is of before. */
  kitSince: Schema.optionalWith(Schema.Int, { default: () => 0 }),
  /** The first master key, sealed to a kit whose key is not known, until the node keeps it. Of accounts from before kits had public keys. */
  kitWrap: Schema.optionalWith(Schema.NullOr(Schema.Uint8ArrayFromSelf), { default: () => null }),
  /** A kit that is being put in the place of the account's, until every device knows of it (`NewKit`). */
  nextKit: Schema.optionalWith(Schema.NullOr(Schema.Struct({ key: Kit.PublicKey, hash: Hash })), {
    default: () => null
  }),
  /** `at`: hash of the newest operation when it was made, where that is known and was not the first. */
  masterKeys: Schema.Array(Schema.Struct({
    generation: Schema.Int,
    key: Key,
    at: Schema.optionalWith(Schema.NullOr(Hash), { default: () => null })
  }))
})
export interface DeviceKeys extends Schema.Schema.Type<typeof Record> {
  readonly held: Held | null
}

/** What the record of a device's keys is kept under. */
export const name = "device"
const broken = () => new KeyStoreError({ message: "The keys of this device cannot be read: they are damaged." })

/** New keys, for no account yet, and kept nowhere yet. The one that signs is the platform's own where it has such. */
export const make = (origin: string): Effect.Effect<DeviceKeys, KeyStoreError, CryptoSuite | KeyStore> =>
  Effect.gen(function*() {
    const { randomBytes } = yield* CryptoSuite
    const held = yield* Effect.flatMap(KeyStore, ({ newHeld }) => newHeld)
    const key = Effect.map(randomBytes(32), (bytes) => Redacted.make(bytes))
    return {
      v: SuiteV1,
      did: null,
      origin,
      held,
      signing: held === null ? yield* key : null,
      kem: yield* key,
      rotation: yield* key,
      kit: null,
      kitSince: 0,
      kitWrap: null,
      nextKit: null,
      masterKeys: []
    }
  })

/** A record as it lies in a store. */
export const encode = ({ held: _, ...record }: DeviceKeys): Redacted.Redacted<Uint8Array> =>
  Redacted.make(Canonical.encode(Schema.encodeSync(Record)(record)))

export const keep = (keys: DeviceKeys): Effect.Effect<void, KeyStoreError, KeyStore> =>
  Effect.flatMap(KeyStore, ({ write }) => write(name, encode(keys), keys.held))

/** The keys of this device; null where there are none. */
export const read: Effect.Effect<DeviceKeys | null, KeyStoreError, KeyStore> = Effect.gen(function*() {
  const { read } = yield* KeyStore
  const kept = yield* read(name)
  if (kept === null) return null
  const { held, secret } = kept
  const record = yield* StrictCbor.decode(Redacted.value(secret)).pipe(
    Effect.flatMap(Schema.decodeUnknown(Record)),
    Effect.mapError(broken)
  )
  return record.signing === null && held === null ? yield* broken() : { ...record, held }
})

export const forget: Effect.Effect<void, KeyStoreError, KeyStore> = Effect.flatMap(
  KeyStore,
  ({ remove }) => remove(name)
)

/** A seed this program made or read has its length: that it had not would be a bug. */
const sound = <A, R>(work: Effect.Effect<A, MalformedKey, R>) => Effect.orDie(work)

export const signerOf = (
  { held, signing }: Pick<DeviceKeys, "held" | "signing">
): Effect.Effect<Signer, never, CryptoSuite> =>
  held !== null
    ? Effect.succeed(held.signer)
    : Effect.flatMap(CryptoSuite, (suite) => sound(suite.signerOf(signing!)))

export const kemKeyOf = ({ kem }: Pick<DeviceKeys, "kem">): Effect.Effect<KemKey, never, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, (suite) => sound(suite.kemKeyOf(kem)))

export const deviceIdOf = (keys: Pick<DeviceKeys, "held" | "signing">): Effect.Effect<DeviceId, never, CryptoSuite> =>
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
): DeviceKeys["masterKeys"][number] | null =>
  masterKeys.reduce<DeviceKeys["masterKeys"][number] | null>(
    (newest, one) => newest === null || one.generation > newest.generation ? one : newest,
    null
  )
