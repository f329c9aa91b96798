/**
 * A passkey as a device of its account. Where an authenticator has the PRF extension (WebAuthn 3, 10.1.4), each answer of a passkey can bring
 * 32 bytes that it alone can make; from them the keys of a device follow, on whatever browser they are brought to. Nothing of them is kept
 * anywhere: the log names the device, as any other, and master keys are sealed to it, as to any other, also those made after it was let in.
 *
 * W1  The same passkey gives the same keys in every browser; another passkey, another account or another use gives others.
 * W2  A browser with nothing but a passkey's bytes opens the master keys that were sealed to it, and no other passkey's or account's.
 * W3  It can then let itself in as a device of its own, and goes on without the passkey.
 */
import { utf8 } from "@vivim/crypto/Bytes"
import { CryptoSuite, type Secret, SuiteV1 } from "@vivim/crypto/CryptoSuite"
import type { DeviceId, Did, DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Account from "./Account.ts"
import * as AccountLog from "./AccountLog.ts"
import { admit } from "./Approval.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import { KeyStore } from "./KeyStore.ts"
import * as MasterKeys from "./MasterKeys.ts"

/**
 * What an authenticator makes its bytes of. One for all: who signs in by a passkey does not say beforehand as whom. Passkeys of two
 * accounts give different bytes for it in any case, and the account is in what follows from them.
 */
export const prfInput: Uint8Array = utf8("vivim/passkey/1")

/** The keys that follow from what a passkey brought, for this account. */
export const keysOf = (
  prf: Secret,
  did: Did,
  origin: string
): Effect.Effect<DeviceKeys.DeviceKeys, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { hkdf } = yield* CryptoSuite
    const derive = (use: string) =>
      Effect.map(
        hkdf({ key: Redacted.value(prf), salt: utf8(`vivim/passkey/1 ${did}`), info: utf8(use), length: 32 }),
        (bytes) => Redacted.make(bytes)
      )
    return {
      v: SuiteV1,
      did,
      origin,
      held: null,
      signing: yield* derive("device"),
      kem: yield* derive("kem"),
      rotation: yield* derive("rotation"),
      kit: null,
      kitSince: 0,
      kitWrap: null,
      nextKit: null,
      masterKeys: []
    }
  })

/** Does something as the device of these keys, which are kept for no longer than that. */
const as = (keys: DeviceKeys.DeviceKeys) => <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(
    Layer.build(KeyStore.layerMemory),
    (store) => Effect.provide(Effect.zipRight(DeviceKeys.keep(keys), work), store)
  ))

/** The id of the device a passkey is. */
export const deviceIdOf = (prf: Secret, did: Did): Effect.Effect<DeviceId, never, CryptoSuite> =>
  Effect.flatMap(keysOf(prf, did, ""), DeviceKeys.deviceIdOf)

const publicOf = (keys: DeviceKeys.DeviceKeys) =>
  Effect.map(AccountLog.listed(keys), ({ device: { next }, deviceId, kemKey }) => ({ deviceId, kem: kemKey, next }))

/** On a device: lets a passkey be one too. */
export const letIn = Effect.fn("PasskeyDevice.letIn")(function*(
  calls: MasterKeys.SessionCalls,
  prf: Secret,
  name: DisplayName
) {
  const { did, keys } = yield* Account.own
  yield* admit(calls, yield* Effect.flatMap(keysOf(prf, did, keys.origin), publicOf), name)
})

/** A passkey that has come to a browser, with a session it opened. */
export interface Brought {
  readonly prf: Secret
  readonly did: Did
  readonly origin: string
}

/** The keys of a passkey's device, with the master keys that were sealed to it; fails with `NotADevice` where it is none (any more). */
export const open = Effect.fn("PasskeyDevice.open")(
  function*(calls: MasterKeys.SessionCalls, { did, origin, prf }: Brought) {
    const keys = yield* keysOf(prf, did, origin)
    const { log } = yield* AccountLog.read(origin, did)
    if (!((yield* DeviceKeys.deviceIdOf(keys)) in log.head.devices)) {
      return yield* new Account.NotADevice({ message: "This passkey opens sessions and nothing more." })
    }
    return yield* as(keys)(MasterKeys.fetch(calls, keys))
  }
)

/** Lets this browser in, in the name of the passkey's device: its keys are new, and are kept before anybody hears of them. */
export const join = Effect.fn("PasskeyDevice.join")(function*(
  calls: MasterKeys.SessionCalls,
  passkey: DeviceKeys.DeviceKeys,
  name: DisplayName
) {
  const { did, masterKeys, origin } = passkey
  const fresh = { ...(yield* DeviceKeys.make(origin)), did, masterKeys }
  yield* DeviceKeys.keep(fresh)
  yield* as(passkey)(Effect.flatMap(publicOf(fresh), (asking) => admit(calls, asking, name)))
  return fresh
})
