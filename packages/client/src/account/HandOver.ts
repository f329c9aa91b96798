/**
 * A master key sealed to one device: with it goes the public key of the account's kit, so that whichever device makes the next master key can
 * seal it to the kit too, and for which state of the account's log it was made, so that each of them sees when the next one is due.
 *
 * U1  What is handed over opens on its device alone, and whole: a kit's key, or a place, that nobody who had the master key put there is refused.
 * U2  What was wrapped to a device before this library did it opens as well.
 */
import { bytesEqual, utf8 } from "@vivim/crypto/Bytes"
import { CryptoSuite, type KemKey, NotOpened, type Secret, SuiteV1, type UnknownSuite } from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Kit from "./Kit.ts"

const HandOver = Schema.Struct({
  v: Schema.Literal(SuiteV1),
  /** The master key, as `KeyHierarchy` wraps it. */
  key: Schema.Uint8ArrayFromSelf,
  /** Null where it is not known. */
  kit: Schema.NullOr(Kit.PublicKey),
  /** How many operations had been stated when it took another's place. */
  since: Schema.optionalWith(Schema.Int, { default: () => 0 }),
  /** Hash of the newest operation when the master key was made; not there where that is not known, or it was the first. */
  at: Schema.optionalWith(Schema.NullOr(Schema.Uint8ArrayFromSelf), { default: () => null }),
  /** Of all that, by the master key. */
  mac: Schema.Uint8ArrayFromSelf
})

/** A device's DID is its scope: what was wrapped to one opens as no other. */
const scope = (did: Did, deviceId: DeviceId) => ({ account: did, device: `did:key:${deviceId}` })
/** As the web client of 2026 named it. */
const earlierScope = (did: Did, deviceId: DeviceId) => ({ account: did, device: deviceId as string })

const salt = utf8("vivim/kit-handed-over/1")

/** What goes with a master key. */
export interface Beside {
  readonly kit: Uint8Array | null
  readonly since: number
  readonly at: Uint8Array | null
}

const macOf = (master: Secret, did: Did, { at, kit, since }: Beside) =>
  Effect.flatMap(CryptoSuite, ({ hkdf }) =>
    hkdf({
      key: Redacted.value(master),
      salt,
      // As it was before there was more than a kit's key.
      info: Canonical.encode(at === null && since === 0 ? [did, kit] : [did, kit, at, since]),
      length: 32
    }))

/** Where nothing goes with it, the master key alone. */
export const wrap = (
  master: Secret,
  did: Did,
  deviceId: DeviceId,
  kem: Uint8Array,
  { at, kit, since }: Beside
): Effect.Effect<Uint8Array, never, CryptoSuite> =>
  Effect.gen(function*() {
    // The device's key was held against its hash or made here: it has its length.
    const key = yield* Effect.orDie(KeyHierarchy.wrapForDevice(master, scope(did, deviceId), kem))
    if (kit === null && at === null) return key
    const mac = yield* macOf(master, did, { at, kit, since })
    return Canonical.encode({
      v: SuiteV1,
      key,
      kit,
      ...at === null ? {} : { at },
      ...since === 0 ? {} : { since },
      mac
    })
  })

const read = (sealed: Uint8Array) =>
  Either.getOrNull(Either.flatMap(StrictCbor.decode(sealed), Schema.decodeUnknownEither(HandOver)))

export const unwrap = (
  kem: KemKey,
  did: Did,
  deviceId: DeviceId,
  sealed: Uint8Array
): Effect.Effect<
  Beside & { readonly key: Secret },
  NotOpened | UnknownSuite,
  CryptoSuite
> =>
  Effect.gen(function*() {
    const whole = read(sealed)
    const wrapped = whole?.key ?? sealed
    const key = yield* Effect.orElse(
      KeyHierarchy.unwrapOnDevice(kem, scope(did, deviceId), wrapped),
      () => KeyHierarchy.unwrapOnDevice(kem, earlierScope(did, deviceId), wrapped)
    )
    if (whole === null) return { key, kit: null, since: 0, at: null }
    const { at, kit, mac, since } = whole
    return bytesEqual(mac, yield* macOf(key, did, whole)) ? { key, kit, since, at } : yield* new NotOpened()
  })
