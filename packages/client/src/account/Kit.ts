/**
 * The recovery kit at work: what follows from the secret on the paper, and the public key that master keys are sealed to it with.
 *
 * Q1  A device that knows a kit's public key can seal a master key to the kit, and open none: a device that was removed and kept
 *     everything it knew still opens nothing that was made after it.
 * Q2  Kits printed before kits had public keys open what was sealed to them then.
 * Q3  What is sealed to a new kit beside those it is to follow opens with each of them, and with no other.
 */
import { utf8 } from "@vivim/crypto/Bytes"
import {
  CryptoSuite,
  type KemKey,
  type NotOpened,
  type Secret,
  SuiteV1,
  type UnknownSuite
} from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as RecoveryKit from "@vivim/crypto/RecoveryKit"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { Did } from "@vivim/event-schemas/ids"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as RotationChain from "./RotationChain.ts"

/** An X-Wing public key. */
export const PublicKey = Schema.Uint8ArrayFromSelf.pipe(Schema.filter((bytes) => bytes.length === 1_216))

export interface Kit {
  /** What the chain of keys is derived from that the kit signs operations with. */
  readonly rotation: Secret
  readonly kem: KemKey
  /** What master keys were sealed under for kits without a public key. */
  readonly wrapKey: Secret
}

/** A kit that is on no paper yet: `printed` is shown to its owner once, and kept nowhere. */
export interface NewKit extends Kit {
  readonly printed: Redacted.Redacted<string>
}

const salt = utf8("vivim/kit-kem/1")

const of = (secret: Secret): Effect.Effect<Kit, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { hkdf, kemKeyOf } = yield* CryptoSuite
    // The secret has its length: it was made or read here.
    const { rotationSeed, wrapKey } = yield* Effect.orDie(RecoveryKit.keysOf(secret))
    const seed = yield* hkdf({ key: Redacted.value(wrapKey), salt, info: new Uint8Array(0), length: 32 })
    return { rotation: rotationSeed, kem: yield* Effect.orDie(kemKeyOf(Redacted.make(seed))), wrapKey }
  })

/** The kit of a secret of 32 bytes. */
export const ofSecret = (secret: Secret): Effect.Effect<NewKit, never, CryptoSuite> =>
  Effect.map(of(secret), (kit) => ({ ...kit, printed: Either.getOrThrow(RecoveryKit.print(secret)) }))

export const make: Effect.Effect<NewKit, never, CryptoSuite> = Effect.gen(function*() {
  const { randomBytes } = yield* CryptoSuite
  return yield* ofSecret(Redacted.make(yield* randomBytes(32)))
})

/** The kit somebody typed. */
export const read = (
  typed: Redacted.Redacted<string>
): Effect.Effect<Kit, RecoveryKit.KitUnreadable, CryptoSuite> => Effect.flatMap(RecoveryKit.read(typed), of)

/** What the log commits to in its place. */
export const hash = ({ rotation }: Kit): Effect.Effect<Uint8Array, never, CryptoSuite> =>
  RotationChain.hash(rotation, 0)

/** The kit stands among the devices of its account, under a name no device has. */
const scope = (did: Did) => ({ account: did, device: "kit" })

/** Seals a master key to the kit. */
export const wrap = (
  master: Secret,
  did: Did,
  kit: typeof PublicKey.Type
): Effect.Effect<Uint8Array, never, CryptoSuite> => Effect.orDie(KeyHierarchy.wrapForDevice(master, scope(did), kit))

const Beside = Schema.Struct({ v: Schema.Literal(SuiteV1), kits: Schema.NonEmptyArray(Schema.Uint8ArrayFromSelf) })

const partsOf = (sealed: Uint8Array): readonly [Uint8Array, ...ReadonlyArray<Uint8Array>] =>
  Either.match(Either.flatMap(StrictCbor.decode(sealed), Schema.decodeUnknownEither(Beside)), {
    onLeft: () => [sealed],
    onRight: ({ kits }) => kits
  })

/** A key sealed to a node's limit has room for so many kits. */
const kitsMax = 3

/** What opens with a kit, and with those that came before it as well: for as long as they may take the account back. */
export const beside = (fresh: Uint8Array, before: Uint8Array): Uint8Array =>
  Canonical.encode({ v: SuiteV1, kits: [fresh, ...partsOf(before)].slice(0, kitsMax) })

/** Opens what was sealed to the kit, in any way. */
export const unwrap = (
  kit: Kit,
  did: Did,
  sealed: Uint8Array
): Effect.Effect<Secret, NotOpened | UnknownSuite, CryptoSuite> =>
  Effect.firstSuccessOf(Arr.map(partsOf(sealed), (part) => opened(kit, did, part)))

const opened = (
  { kem, wrapKey }: Kit,
  did: Did,
  sealed: Uint8Array
): Effect.Effect<Secret, NotOpened | UnknownSuite, CryptoSuite> =>
  Effect.orElse(
    KeyHierarchy.unwrapOnDevice(kem, scope(did), sealed),
    () =>
      Effect.catchTag(KeyHierarchy.unwrapWithKit(wrapKey, did, sealed), "MalformedKey", (error) => Effect.die(error))
  )
