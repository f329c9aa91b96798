/**
 * The keys of one person: a master key that each of their devices has, and what follows from it.
 *
 * H1  Each branch of the master key is a key of its own: none tells another one, or the master key.
 * H2  A wrapped master key opens on the device, or with the kit, it was wrapped for, and for that account only.
 *
 * The node never holds it. It is wrapped to every device's X-Wing key and to the recovery kit; when a device leaves, a new one is
 * made and wrapped to those that stay.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { utf8 } from "./Bytes.ts"
import {
  CryptoSuite,
  type KemKey,
  type MalformedKey,
  NotOpened,
  type Secret,
  type UnknownSuite
} from "./CryptoSuite.ts"

const KeyBytes = 32
const salt = utf8("vivim/umk/1")

/**
 * `store` wraps the data keys of streams, and is handed to the node while a vault is unlocked; `sealed` wraps the keys of sealed conversations,
 * `index` seals what a device remembers of them for searching, `backup` seals backups: these never leave the devices.
 */
export type Branch = "store" | "sealed" | "index" | "backup"

/** A device of an account, by their DIDs. */
export interface Device {
  readonly account: string
  readonly device: string
}

/** A new master key. */
export const newMasterKey: Effect.Effect<Secret, never, CryptoSuite> = Effect.flatMap(
  CryptoSuite,
  ({ randomBytes }) => Effect.map(randomBytes(KeyBytes), Redacted.make)
)

/** The key of one branch: HKDF-SHA256 of the master key. */
export const branch = (masterKey: Secret, name: Branch): Effect.Effect<Secret, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { hkdf } = yield* CryptoSuite
    return Redacted.make(yield* hkdf({ key: Redacted.value(masterKey), salt, info: utf8(name), length: KeyBytes }))
  })

const deviceScope = ({ account, device }: Device) => Canonical.encode(["vivim/umk/1", "device", account, device])
const kitScope = (account: string) => Canonical.encode(["vivim/umk/1", "kit", account])

const masterKeyOf = (bytes: Uint8Array): Effect.Effect<Secret, NotOpened> =>
  bytes.length === KeyBytes ? Effect.succeed(Redacted.make(bytes)) : Effect.fail(new NotOpened())

/** For a device, by its public X-Wing key; 1,217 bytes. */
export const wrapForDevice = (
  masterKey: Secret,
  device: Device,
  publicKey: Uint8Array
): Effect.Effect<Uint8Array, MalformedKey, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, ({ sealTo }) => sealTo(publicKey, deviceScope(device), Redacted.value(masterKey)))

/** On that device. */
export const unwrapOnDevice = (
  key: KemKey,
  device: Device,
  wrapped: Uint8Array
): Effect.Effect<Secret, NotOpened | UnknownSuite, CryptoSuite> =>
  Effect.flatMap(
    CryptoSuite,
    ({ openWith }) => Effect.flatMap(openWith(key, deviceScope(device), wrapped), masterKeyOf)
  )

/** For the recovery kit, by the wrap key of `RecoveryKit.keysOf`; 97 bytes. */
export const wrapForKit = (
  masterKey: Secret,
  account: string,
  wrapKey: Secret
): Effect.Effect<Uint8Array, MalformedKey, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, ({ seal }) => seal(wrapKey, kitScope(account), Redacted.value(masterKey)))

/** With that kit. */
export const unwrapWithKit = (
  wrapKey: Secret,
  account: string,
  wrapped: Uint8Array
): Effect.Effect<Secret, NotOpened | UnknownSuite | MalformedKey, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, ({ open }) => Effect.flatMap(open(wrapKey, kitScope(account), wrapped), masterKeyOf))
