/**
 * An account, from its device: created, and its devices named and let go. What it states is signed here; the node only keeps it.
 *
 * A1  An account is made with a kit and a first device, and can do without either of them from then on.
 * A2  A device that is let go is out of the log, and a master key it never saw takes the old one's place where what was sealed is sealed anew.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import type * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import type * as Operation from "@vivim/crypto/did/Operation"
import type { DeviceId, DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NewAccount from "./NewAccount.ts"
import * as NodeDoors from "./NodeDoors.ts"
import * as RotationChain from "./RotationChain.ts"

/** This device is of no account, or may not sign for it any more. */
export class NotADevice extends Schema.TaggedError<NotADevice>()("NotADevice", { message: Schema.String }) {}

/** Opens an account whose keys are made just now. */
export const create = (wanted: NewAccount.Wanted) =>
  Effect.flatMap(NewAccount.prepare(), (prepared) => NewAccount.open(prepared, wanted))

/** Has the node keep the master key, sealed, and the first device's name. */
export const secure = Effect.fn("Account.secure")(function*(
  calls: MasterKeys.SessionCalls,
  { did }: Pick<NewAccount.Created, "did">,
  deviceName: DisplayName
) {
  const { keys } = yield* own
  const master = yield* MasterKeys.settle(calls, keys)
  const { deviceId } = yield* signer
  yield* calls.NameDevice({ commandId: yield* CommandIds.next, userId: did, deviceId, name: deviceName })
  return master
})

/** This device's keys, and its account. */
export const own = Effect.flatMap(DeviceKeys.read, (keys) =>
  keys === null || keys.did === null
    ? Effect.fail(new NotADevice({ message: "This device is of no account yet." }))
    : Effect.succeed({ keys, did: keys.did }))

/** What this device signs in with. */
export const signer = Effect.gen(function*() {
  const { did, keys } = yield* own
  const { publicKey: _, sign } = yield* DeviceKeys.signerOf(keys)
  return { userId: did, deviceId: yield* DeviceKeys.deviceIdOf(keys), sign } satisfies DeviceKeys.DeviceSigner
})

/** The key that is this device's to sign the account's next operation with; null when it may sign none. */
const turnIn = (keys: DeviceKeys.DeviceKeys, read: AccountLog.Read) =>
  Effect.flatMap(DeviceKeys.deviceIdOf(keys), (deviceId) => {
    const next = read.log.head.devices[deviceId]?.next ?? null
    return RotationChain.turn(keys.rotation, next === null ? [] : [next], AccountLog.turnsMax(read))
  })

/** Whether this device may sign operations of its account. */
export const mayState = Effect.gen(function*() {
  const { did, keys } = yield* own
  return (yield* turnIn(keys, yield* AccountLog.read(keys.origin, did))) !== null
})

/** States what is to be so, in this device's turn; answers the log as it is then. */
export const state = Effect.fn("Account.state")(function*(
  change: (head: Operation.Statement) => AccountLog.Change,
  kemKeys: ReadonlyArray<Uint8Array> = []
) {
  const { did, keys } = yield* own
  const read = yield* AccountLog.read(keys.origin, did)
  const turn = yield* turnIn(keys, read)
  if (turn === null) return yield* new NotADevice({ message: "This device may not sign for its account (any more)." })
  const operation = yield* AccountLog.next(read, read.log.chain.length - 1, turn, change(read.log.head))
  yield* NodeDoors.state(keys.origin, did, { operation, kemKeys })
  return yield* AccountLog.read(keys.origin, did)
})

/** Says by what other names the account is known. */
export const alsoKnownAs = (aka: ReadonlyArray<string>) => state(() => ({ aka }))

/** Says where the account's services are. */
export const offer = (services: Operation.Statement["services"]) => state(() => ({ services }))

/** Is told the old master key and the new one: what was sealed under the old one is to be sealed anew. */
export type Rekey<E, R> = (old: MasterKeys.MasterKey | null, now: MasterKeys.MasterKey) => Effect.Effect<void, E, R>

/**
 * Lets a device go, and with `rekey` makes a master key it never saw: a new one is of use where what was sealed under the old one is sealed
 * anew, and `rekey` has done so before this ends.
 */
export const revoke = Effect.fn("Account.revoke")(function*<E = never, R = never>(
  calls: MasterKeys.SessionCalls,
  deviceId: DeviceId,
  rekey?: Rekey<E, R>
) {
  const { log } = yield* state(({ devices }) => ({
    devices: Object.fromEntries(Object.entries(devices).filter(([id]) => id !== deviceId))
  }))
  if (rekey !== undefined && MasterKeys.mayRenew((yield* own).keys, log.head)) yield* renewMasterKey(calls, log, rekey)
})

/** A new master key for the devices of the log, and what follows from it. */
export const renewMasterKey = <E, R>(
  calls: MasterKeys.SessionCalls,
  log: IdentityLog.IdentityLog,
  rekey: Rekey<E, R>
) =>
  Effect.gen(function*() {
    const { keys } = yield* own
    const known = yield* MasterKeys.fetch(calls, keys)
    const { master } = yield* MasterKeys.renew(calls, known, log)
    yield* rekey(DeviceKeys.masterKeyOf(known), master)
    return master
  })
