/**
 * A second device, let in by one that is there: the new one shows a code, the other signs for it and hands the master key over. Only
 * public keys are in the code, and nothing has to be carried back: the new device sees in the account's log that it was let in.
 *
 * B1  A code that is not whole is refused; both sides show the same short code to compare.
 * B2  A device that was let in signs for the account and opens its master keys, and may let others in.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as DidKey from "@vivim/crypto/DidKey"
import type { DeviceId, Did, DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Account from "./Account.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceCode from "./DeviceCode.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as KeyWraps from "./KeyWraps.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as SeenLog from "./SeenLog.ts"

/** A device on its way to be one of an account. */
export interface Asking {
  readonly did: Did
  readonly keys: DeviceKeys.DeviceKeys
  /** The account's log, as it was shown to the new device. */
  readonly read: AccountLog.Read
  /** For a QR code, or to be copied. */
  readonly code: string
  /** What people compare on both sides. */
  readonly comparison: string
}

const asking = (keys: DeviceKeys.DeviceKeys, read: AccountLog.Read) =>
  Effect.gen(function*() {
    const { publicKey } = yield* DeviceKeys.signerOf(keys)
    const { device, kemKey } = yield* AccountLog.listed(keys)
    // A device that is listed with its first key signs for itself.
    const shown = { key: publicKey, kem: kemKey, next: device.next }
    return {
      did: read.did,
      keys,
      read,
      code: yield* DeviceCode.write(shown),
      comparison: yield* DeviceCode.comparison(read.did, shown)
    } satisfies Asking
  })

/** New keys for a device of the account with this DID or handle (`@ada`), and the code that asks for it to be let in. Nothing is kept yet. */
export const prepare = Effect.fn("Approval.prepare")(function*(origin: string, who: string) {
  const read = yield* AccountLog.read(origin, who)
  return yield* asking({ ...yield* DeviceKeys.make(origin), did: read.did }, read)
})

/** The same, with keys that are kept: asked again, it shows the same device. */
export const request = Effect.fn("Approval.request")(function*(origin: string, who: string) {
  const read = yield* AccountLog.read(origin, who)
  const { did } = read
  const kept = yield* DeviceKeys.read
  if (kept !== null && kept.did !== null && kept.did !== did) {
    return yield* new Account.NotADevice({
      message: "These are keys of another account: give each a store of its own."
    })
  }
  const keys = kept ?? { ...yield* DeviceKeys.make(origin), did }
  yield* DeviceKeys.keep(keys)
  return yield* asking(keys, read)
})

/** What a code asks for; nothing is done yet. */
export const look = Effect.fn("Approval.look")(function*(code: string) {
  const { did } = yield* Account.own
  const asked = yield* DeviceCode.read(code)
  if (DidKey.publicKeyOf(DidKey.deviceId(asked.key)) === null) {
    return yield* new DeviceCode.CodeRefused({ message: "The key in this code is none." })
  }
  const comparison = yield* DeviceCode.comparison(did, asked)
  return { ...asked, deviceId: DidKey.deviceId(asked.key), comparison }
})

/** A device by its public half, as it asks to be let in; `next` is null for one that is to sign no operations. */
interface PublicDevice {
  readonly deviceId: DeviceId
  readonly kem: Uint8Array
  readonly next: Uint8Array | null
}

/** Lets a device in, and hands it the newest master key. Whoever asks twice, or was cut off in between, goes on where it stopped. */
export const admit = Effect.fn("Approval.admit")(function*(
  calls: MasterKeys.SessionCalls,
  { deviceId, kem, next }: PublicDevice,
  name: DisplayName
) {
  const { did, keys } = yield* Account.own
  const master = yield* MasterKeys.settle(calls, keys)
  const known = (yield* Account.own).keys
  const { log } = yield* AccountLog.read(keys.origin, did)
  if (!(deviceId in log.head.devices)) {
    const device = { kem: yield* AccountLog.kemHash(kem), next }
    yield* Account.state(({ devices }) => ({ devices: { ...devices, [deviceId]: device } }), [kem])
  }
  // Older master keys are not handed on: what they sealed is sealed anew when they are replaced.
  yield* KeyWraps.keep(calls, did, master.generation, [
    yield* MasterKeys.forDevice(master, did, deviceId, kem, known)
  ])
  yield* calls.NameDevice({ commandId: yield* CommandIds.next, userId: did, deviceId, name })
  return deviceId
})

/** Lets the device of a code in: its owner has compared. It may sign operations unless `signs` is false. */
export const approve = Effect.fn("Approval.approve")(function*(
  calls: MasterKeys.SessionCalls,
  code: string,
  name: DisplayName,
  signs = true
) {
  const asked = yield* look(code)
  return yield* admit(calls, { ...asked, next: signs ? asked.next : null }, name)
})

/** On the new device: whether its account's log names it by now. */
export const isIn = Effect.fn("Approval.isIn")(function*({ did, keys }: Pick<Asking, "did" | "keys">) {
  const { log } = yield* AccountLog.read(keys.origin, did)
  return (yield* DeviceKeys.deviceIdOf(keys)) in log.head.devices
})

/** Keeps the keys of a device that was let in, and what it has seen of the account's log on the way. */
export const enter = Effect.fn("Approval.enter")(function*({ did, keys, read }: Asking) {
  yield* DeviceKeys.keep(keys)
  yield* SeenLog.check(did, yield* SeenLog.read(did), read)
})

/** On a device whose keys are kept: sees that it was let in. */
export const join = Effect.fn("Approval.join")(function*() {
  const { did, keys } = yield* Account.own
  if (yield* isIn({ did, keys })) return did
  return yield* new Account.NotADevice({ message: "The account does not name this device (yet)." })
})
