/**
 * An account taken back with its kit: on a new device, with nothing else.
 *
 * C1  Whoever has the kit gets the account, on a device that then is its only one, and opens its master keys; a locked vault is no hindrance.
 * C2  What a thief stated in the last 72 hours is voided, from where the kit held the account last, or from where the owner says.
 * C3  A new kit may take the place of the one that was used; from then on that one opens nothing.
 */
import { bytesEqual } from "@vivim/crypto/Bytes"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Account from "./Account.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as Kit from "./Kit.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NodeDoors from "./NodeDoors.ts"
import * as RotationChain from "./RotationChain.ts"
import * as SeenLog from "./SeenLog.ts"
import * as VaultKey from "./VaultKey.ts"

/** The kit is of another account, was used up, or may not sign where it was to. */
export class KitOfAnother extends Schema.TaggedError<KitOfAnother>()("KitOfAnother", { message: Schema.String }) {}

/** The kit was taken out of the account longer ago than it may take back. */
export class KitTooLate extends Schema.TaggedError<KitTooLate>()("KitTooLate", { message: Schema.String }) {}

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
export const history = Effect.fn("Recovery.history")(function*(origin: string, who: string) {
  const { log } = yield* AccountLog.read(origin, who)
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
  /** The account's DID, or its handle (`@ada`). */
  readonly did: string
  readonly kit: Redacted.Redacted<string>
  /** The first operation that was not the owner's: it and all after it are voided. Not given: what took the kit out, if anything did. */
  readonly from?: number
}

/** An account that is about to be taken back: nothing is stated, and nothing kept, yet. */
export interface Found {
  readonly did: Did
  readonly kit: Kit.Kit
  readonly keys: DeviceKeys.DeviceKeys
  /** How many devices will be devices no longer. */
  readonly devices: number
  /** How many operations are taken back: more than none where the kit was taken out of the account. */
  readonly voids: number
  readonly read: AccountLog.Read
  /** The operation that the next one follows, and the key that signs it. */
  readonly seq: number
  readonly turn: RotationChain.Turn
}

const notThis = () =>
  new KitOfAnother({
    message: "This kit is not one of this account, or it was used up: a newer one may have been printed."
  })

/** The newest operation among those up to `last` that committed to a key of the kit. */
const heldAt = (read: AccountLog.Read, { rotation }: Kit.Kit, last: number) =>
  Effect.gen(function*() {
    let looked: ReadonlyArray<Uint8Array> | undefined
    for (let seq = last; seq >= 0; seq--) {
      const { recovery } = read.log.chain[seq]!
      // Most operations leave the recovery keys as they are.
      if (looked?.length === recovery.length && recovery.every((one, i) => bytesEqual(one, looked![i]!))) continue
      looked = recovery
      const turn = yield* RotationChain.turn(rotation, recovery, AccountLog.turnsMax(read))
      if (turn !== null) return { seq, turn, rank: recovery.findIndex((one) => bytesEqual(one, turn.hash)) }
    }
    return yield* notThis()
  })

/** Looks from where the kit can take the account back, and makes the keys of the device that it is to be on. */
export const find = Effect.fn("Recovery.find")(function*(lost: Lost) {
  return yield* findIn(yield* AccountLog.read(lost.origin, lost.did), lost)
})

/** The same in a log that is at hand, for a device at the node of `origin`. */
export const findIn = Effect.fn("Recovery.findIn")(function*(
  read: AccountLog.Read,
  { from, kit: typed, origin }: Omit<Lost, "did">
) {
  const kit = yield* Kit.read(typed)
  const last = (from ?? read.log.chain.length) - 1
  const { rank, seq, turn } = yield* heldAt(read, kit, last)
  const rival = read.log.chain[seq + 1]
  if (rival !== undefined) {
    if (rival.rank <= rank) return yield* notThis()
    if ((yield* Clock.currentTimeMillis) - rival.ts > IdentityLog.limits.windowMs) {
      return yield* new KitTooLate({ message: "The kit was taken out of the account more than 72 hours ago." })
    }
  }
  const { did } = read
  const keys = { ...yield* DeviceKeys.make(origin), did }
  return {
    did,
    kit,
    keys,
    devices: Object.keys(read.log.head.devices).length,
    voids: read.log.chain.length - 1 - seq,
    read,
    seq,
    turn
  } satisfies Found
})

/** The newest master key, from what the node shows to whoever asks. None where nothing was ever sealed to a kit. */
const masterKeyBy = (origin: string, did: Did, kit: Kit.Kit) =>
  Effect.gen(function*() {
    const wrap = yield* NodeDoors.kitWrap(origin, did)
    if (wrap === null) return null
    return { generation: wrap.generation, key: yield* Kit.unwrap(kit, did, wrap.sealed), at: null }
  })

/** Takes the account over to this device, all others out. With `fresh`, that kit holds from now on. May be tried again. */
export const take = Effect.fn("Recovery.take")(function*(
  { did, keys: made, kit, read, seq, turn, voids }: Found,
  fresh: Kit.Kit | null = null
) {
  const { device, deviceId, kemKey } = yield* AccountLog.listed(made)
  // What `find` saw counts for this device from now on.
  yield* SeenLog.check(did, yield* SeenLog.read(did), read)
  const now = yield* AccountLog.read(made.origin, did)
  if (deviceId in now.log.head.devices) return
  const master = yield* masterKeyBy(made.origin, did, kit).pipe(
    // Whoever took the kit out may have sealed the next one to another: the account is its owner's all the same.
    Effect.catchTag("NotOpened", (error) => voids > 0 ? Effect.succeed(null) : Effect.fail(error))
  )
  const before = yield* DeviceKeys.read
  // With the master key: it is to be sealed to this device and to the kit yet, and the one that was used may open nothing any more.
  const masterKeys = master === null ? [] : [master]
  yield* DeviceKeys.keep({ ...made, kit: (fresh ?? kit).kem.publicKey, masterKeys })
  const next = fresh === null ? turn.next : yield* Kit.hash(fresh)
  const operation = yield* AccountLog.next(read, seq, { ...turn, next }, { devices: { [deviceId]: device } })
  // Nothing can be stated in a locked vault, and nobody is there to open it: the kit is.
  const storeKey = master === null ? undefined : yield* VaultKey.storeKeyOf(master.key)
  yield* NodeDoors.state(made.origin, did, { operation, kemKeys: [kemKey] }, storeKey).pipe(
    // What was certainly not taken leaves this device as it was.
    Effect.tapErrorTag("NodeRefused", () => before === null ? DeviceKeys.forget : DeviceKeys.keep(before))
  )
})

/** Both in one, with the kit that is there. Answers it: it opens the master keys once there is a session. */
export const recover = Effect.fn("Recovery.recover")(function*(lost: Lost) {
  const found = yield* find(lost)
  yield* take(found)
  return found.kit
})

/**
 * With a session of the new device: opens the master keys the kit was given, and has the node keep the newest for this device and for the kit.
 * With `rekey` a new one is made, for the old devices know those. Answers the one that holds now.
 */
export const unlock = Effect.fn("Recovery.unlock")(function*<E = never, R = never>(
  calls: MasterKeys.SessionCalls,
  kit: Kit.Kit,
  rekey?: Account.Rekey<E, R>
) {
  const { did, keys } = yield* Account.own
  const opened = yield* MasterKeys.fetchByKit(calls, keys, kit)
  const master = DeviceKeys.masterKeyOf(opened)
  if (master !== null) yield* MasterKeys.deposit(calls, opened, master)
  if (rekey !== undefined) {
    const { log } = yield* AccountLog.read(keys.origin, did)
    return yield* Account.renewMasterKey(calls, log, rekey)
  }
  if (master !== null) return master
  return yield* new MasterKeys.NoMasterKey({ message: "The node keeps no master key for this kit." })
})
