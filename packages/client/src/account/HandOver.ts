/**
 * A master key sealed to one device: with it goes the public key of the account's kit, so that whichever device makes the next master key can
 * seal it to the kit too.
 *
 * U1  What is handed over opens on its device alone, and whole: a kit's key that nobody who had the master key put there is refused.
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
  kit: Kit.PublicKey,
  /** Of the kit's key, by the master key. */
  mac: Schema.Uint8ArrayFromSelf
})

/** A device's DID is its scope: what was wrapped to one opens as no other. */
const scope = (did: Did, deviceId: DeviceId) => ({ account: did, device: `did:key:${deviceId}` })
/** As the web client of 2026 named it. */
const earlierScope = (did: Did, deviceId: DeviceId) => ({ account: did, device: deviceId as string })

const salt = utf8("vivim/kit-handed-over/1")

const macOf = (master: Secret, did: Did, kit: Uint8Array) =>
  Effect.flatMap(
    CryptoSuite,
    ({ hkdf }) => hkdf({ key: Redacted.value(master), salt, info: Canonical.encode([did, kit]), length: 32 })
  )

/** Where no kit's public key is known, the master key alone. */
export const wrap = (
  master: Secret,
  did: Did,
  deviceId: DeviceId,
  kem: Uint8Array,
  kit: Uint8Array | null
): Effect.Effect<Uint8Array, never, CryptoSuite> =>
  Effect.gen(function*() {
    // The device's key was held against its hash or made here: it has its length.
    const key = yield* Effect.orDie(KeyHierarchy.wrapForDevice(master, scope(did, deviceId), kem))
    return kit === null ? key : Canonical.encode({ v: SuiteV1, key, kit, mac: yield* macOf(master, did, kit) })
  })

const read = (sealed: Uint8Array) =>
  Either.getOrNull(Either.flatMap(StrictCbor.decode(sealed), Schema.decodeUnknownEither(HandOver)))

export const unwrap = (
  kem: KemKey,
  did: Did,
  deviceId: DeviceId,
  sealed: Uint8Array
): Effect.Effect<
  { readonly key: Secret; readonly kit: Uint8Array | null },
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
    if (whole === null) return { key, kit: null }
    const isWhole = bytesEqual(whole.mac, yield* macOf(key, did, whole.kit))
    return isWhole ? { key, kit: whole.kit } : yield* new NotOpened()
  })
