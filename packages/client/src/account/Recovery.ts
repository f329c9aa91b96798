/**
 * An account taken back with its kit: on a new device, with nothing else.
 *
 * C1  Whoever has the kit gets the account, on a device that then is its only one, and opens its master keys.
 * C2  What a thief stated in the last 72 hours is voided where the owner says from which operation on.
 */
import type { Secret } from "@vivim/crypto/CryptoSuite"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as RecoveryKit from "@vivim/crypto/RecoveryKit"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Account from "./Account.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NodeDoors from "./NodeDoors.ts"
import * as RotationChain from "./RotationChain.ts"

/** The kit is of another account, or may not sign where it was to. */
export class KitOfAnother extends Schema.TaggedError<KitOfAnother>()("KitOfAnother", { message: Schema.String }) {}

/** An operation as its owner is shown it, to say from which one on things went wrong. */
export interface Step {
  readonly seq: number
  readonly at: number
  readonly added: ReadonlyArray<DeviceId>
  readonly removed: ReadonlyArray<DeviceId>
  /** Whether a recovery key may still take it back. */
  readonly voidable: boolean
}

/** What was stated, the newest first. */
export const history = Effect.fn("Recovery.history")(function*(origin: string, did: Did) {
  const { log } = yield* AccountLog.read(origin, did)
  const now = yield* Clock.currentTimeMillis
  return log.chain.map(({ ids, ts }, seq): Step => {
    const before = log.chain[seq - 1]?.ids ?? []
    return {
      seq,
      at: ts,
      added: ids.filter((id) => !before.includes(id)),
      removed: before.filter((id) => !ids.includes(id)),
      voidable: seq > 0 && now - ts <= IdentityLog.limits.windowMs
    }
  }).toReversed()
})

export interface Lost {
  readonly origin: string
  readonly did: Did
  readonly kit: Redacted.Redacted<string>
  /** The first operation that was not the owner's: it and all after it are voided. Not given: none was. */
  readonly from?: number
}

/** Takes the account over to this device, all others out. Answers what opens the master keys, once there is a session. */
export const recover = Effect.fn("Recovery.recover")(function*({ did, from, kit, origin }: Lost) {
  const { rotationSeed, wrapKey } = yield* Effect.flatMap(RecoveryKit.read(kit), RecoveryKit.keysOf)
  const read = yield* AccountLog.read(origin, did)
  const seq = (from ?? read.log.chain.length) - 1
  const before = AccountLog.operationAt(read, seq)
  const turn = before === null
    ? null
    : yield* RotationChain.turn(rotationSeed, before, AccountLog.turnsMax(read))
  if (turn === null) return yield* new KitOfAnother({ message: "This kit may not sign for this account there." })
  const keys = { ...(yield* DeviceKeys.make(origin)), did, kit: wrapKey }
  yield* DeviceKeys.keep(keys)
  const { device, deviceId, kemKey } = yield* Account.listed(keys)
  const operation = yield* AccountLog.next(read, seq, turn, { devices: { [deviceId]: device } })
  yield* NodeDoors.state(origin, did, { operation, kemKeys: [kemKey] })
  return wrapKey
})

/**
 * With a session of the new device: opens the master keys the kit was given, and makes a new one, for the old devices know those.
 * `rekey` is told both.
 */
export const unlock = Effect.fn("Recovery.unlock")(function*<E = never, R = never>(
  calls: MasterKeys.SessionCalls,
  kit: Secret,
  rekey: (old: MasterKeys.MasterKey | null, now: MasterKeys.MasterKey) => Effect.Effect<void, E, R> = () => Effect.void
) {
  const { did, keys } = yield* Account.own
  const opened = yield* MasterKeys.fetchByKit(calls, keys, kit)
  const { log } = yield* AccountLog.read(keys.origin, did)
  const { master } = yield* MasterKeys.renew(calls, opened, log.head)
  yield* rekey(DeviceKeys.masterKeyOf(opened), master)
})
