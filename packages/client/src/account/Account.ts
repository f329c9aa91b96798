/**
 * An account, from its device: created, and its devices named and let go. What it states is signed here; the node only keeps it.
 *
 * A1  An account is made with a kit and a first device, and can do without either of them from then on.
 * A2  A device that is let go is out of the log, and a master key it never saw takes the old one's place.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import { CryptoSuite, SuiteV1 } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as RecoveryKit from "@vivim/crypto/RecoveryKit"
import type { DeviceId, Did, DisplayName } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { NodeSession, type Opening } from "../NodeSession.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NodeDoors from "./NodeDoors.ts"
import * as RotationChain from "./RotationChain.ts"

/** This device is of no account, or may not sign for it any more. */
export class NotADevice extends Schema.TaggedError<NotADevice>()("NotADevice", { message: Schema.String }) {}

export type Wanted = Omit<Opening, "genesis">

/** What there is of a new account. The kit is shown to its owner once, and kept nowhere. */
export interface Created {
  readonly did: Did
  readonly kit: Redacted.Redacted<string>
  /** To be kept by `secure`, once there is a session. */
  readonly generation: number
  readonly wraps: ReadonlyArray<MasterKeys.Wrap>
}

/** A kit of its own secret, as it is printed, and what it is good for. */
const newKit = Effect.gen(function*() {
  const { randomBytes } = yield* CryptoSuite
  const secret = Redacted.make(yield* randomBytes(32))
  // The secret has its length.
  return {
    printed: Either.getOrThrow(RecoveryKit.print(secret)),
    keys: yield* Effect.orDie(RecoveryKit.keysOf(secret))
  }
})

/** A device as an operation names it. */
export const listed = (keys: DeviceKeys.DeviceKeys) =>
  Effect.gen(function*() {
    const { publicKey } = yield* DeviceKeys.kemKeyOf(keys)
    return {
      deviceId: yield* DeviceKeys.deviceIdOf(keys),
      kemKey: publicKey,
      device: { kem: yield* AccountLog.kemHash(publicKey), next: yield* RotationChain.hash(keys.rotation, 0) }
    }
  })

/** The first operation. Its key is used this once and kept nowhere. */
const genesis = (keys: DeviceKeys.DeviceKeys, recovery: ReadonlyArray<Uint8Array>, ts: number) =>
  Effect.gen(function*() {
    const { randomBytes, signerOf } = yield* CryptoSuite
    const signer = yield* Effect.orDie(signerOf(Redacted.make(yield* randomBytes(32))))
    const { device, deviceId, kemKey } = yield* listed(keys)
    const statement: Operation.Statement = {
      v: SuiteV1,
      seq: 0,
      prev: null,
      key: signer.publicKey,
      devices: { [deviceId]: device },
      recovery,
      services: {},
      aka: [],
      ts
    }
    const operation = yield* AccountLog.sign(statement, signer)
    return { did: Operation.didOf(statement), statement: { operation, kemKeys: [kemKey] } }
  })

/** Opens an account on the session's node, with this device as its first, and the session with it. */
export const create = Effect.fn("Account.create")(function*(wanted: Wanted) {
  const session = yield* NodeSession
  const kit = yield* newKit
  const fresh = yield* DeviceKeys.make(session.origin)
  const at = yield* Clock.currentTimeMillis
  const { did, statement } = yield* genesis(fresh, [yield* RotationChain.hash(kit.keys.rotationSeed, 0)], at)
  const master = { generation: 1, key: yield* KeyHierarchy.newMasterKey }
  const keys = { ...fresh, did, kit: kit.keys.wrapKey, masterKeys: [master] }
  // Kept before the node hears of it: an account whose keys are nowhere would be lost.
  yield* DeviceKeys.keep(keys)
  yield* session.signUp(yield* signer, { ...wanted, genesis: statement })
  const { publicKey } = yield* DeviceKeys.kemKeyOf(keys)
  const device = yield* MasterKeys.forDevice(master, did, yield* DeviceKeys.deviceIdOf(keys), publicKey)
  const wraps = [device, yield* MasterKeys.forKit(master, did, kit.keys.wrapKey)]
  return { did, kit: kit.printed, generation: master.generation, wraps } satisfies Created
})

/** Has the node keep the master key, sealed, and the first device's name. */
export const secure = Effect.fn("Account.secure")(function*(
  calls: MasterKeys.SessionCalls,
  { did, generation, wraps }: Created,
  deviceName: DisplayName
) {
  yield* MasterKeys.keep(calls, did, generation, wraps)
  const { deviceId } = yield* signer
  yield* calls.NameDevice({ commandId: yield* CommandIds.next, userId: did, deviceId, name: deviceName })
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

/** States what is to be so, in this device's turn; answers the log as it is then. */
export const state = Effect.fn("Account.state")(function*(
  change: (head: Operation.Statement) => AccountLog.Change,
  kemKeys: ReadonlyArray<Uint8Array> = []
) {
  const { did, keys } = yield* own
  const read = yield* AccountLog.read(keys.origin, did)
  const turn = yield* RotationChain.turn(keys.rotation, read.log.head, AccountLog.turnsMax(read))
  if (turn === null) return yield* new NotADevice({ message: "This device may not sign for its account (any more)." })
  const operation = yield* AccountLog.next(read, read.log.chain.length - 1, turn, change(read.log.head))
  yield* NodeDoors.state(keys.origin, did, { operation, kemKeys })
  return yield* AccountLog.read(keys.origin, did)
})

/** Says by what other names the account is known. */
export const alsoKnownAs = (aka: ReadonlyArray<string>) => state(() => ({ aka }))

/** Says where the account's services are. */
export const offer = (services: Operation.Statement["services"]) => state(() => ({ services }))

/**
 * Lets a device go, and makes a master key it never saw. `rekey` is told both, the old first, before this ends: what was sealed under
 * the old one is to be sealed anew.
 */
export const revoke = Effect.fn("Account.revoke")(function*<E = never, R = never>(
  calls: MasterKeys.SessionCalls,
  deviceId: DeviceId,
  rekey: (old: MasterKeys.MasterKey | null, now: MasterKeys.MasterKey) => Effect.Effect<void, E, R> = () => Effect.void
) {
  const { log } = yield* state(({ devices }) => ({
    devices: Object.fromEntries(Object.entries(devices).filter(([id]) => id !== deviceId))
  }))
  const { keys } = yield* own
  const { master } = yield* MasterKeys.renew(calls, keys, log.head)
  yield* rekey(DeviceKeys.masterKeyOf(keys), master)
})
