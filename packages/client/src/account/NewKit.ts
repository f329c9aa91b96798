/**
 * A new recovery kit in the place of the account's, at any time.
 *
 * N1  Whoever has the present kit replaces it for good: it signs nothing any more, and opens nothing once a new master key was made.
 * N2  Without it a device puts a new one in its place, and the one before takes that back for 72 hours, and opens what it needs for it.
 * N3  Cut off at any moment, the kit the log names opens the master key; what is left of it is done when the device is asked again.
 *
 * First both kits open the master key, then the log names the new one, then every device hears of it. What the rules of the log do not let a
 * device do, it cannot do here: a kit is of a higher rank than any of them.
 */
import { bytesEqual } from "@vivim/crypto/Bytes"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Account from "./Account.ts"
import * as AccountLog from "./AccountLog.ts"
import * as KeysChange from "./KeysChange.ts"
import * as KeyWraps from "./KeyWraps.ts"
import * as Kit from "./Kit.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NodeDoors from "./NodeDoors.ts"
import { KitOfAnother } from "./Recovery.ts"
import * as RotationChain from "./RotationChain.ts"

/** The kit's turn to sign the next operation; it has to be one that the newest one names. */
const turnOf = (typed: Redacted.Redacted<string>, read: AccountLog.Read) =>
  Effect.gen(function*() {
    const { rotation } = yield* Kit.read(typed)
    const turn = yield* RotationChain.turn(rotation, read.log.head.recovery, AccountLog.turnsMax(read))
    if (turn !== null) return turn
    return yield* new KitOfAnother({ message: "This is not the kit this account has now." })
  })

const isNamed = ({ log }: AccountLog.Read, hash: Uint8Array) => log.head.recovery.some((one) => bytesEqual(one, hash))

/** Has the kit, and the one before it, open the newest master key. */
const sealTo = (calls: MasterKeys.SessionCalls, kit: Uint8Array) =>
  Effect.gen(function*() {
    const { did, keys } = yield* Account.own
    const master = yield* MasterKeys.settle(calls, keys)
    const before = (yield* KeyWraps.to(calls, null)).find(({ generation }) => generation === master.generation)
    const fresh = yield* MasterKeys.forKit(master, did, kit)
    const sealed = before === undefined ? fresh.sealed : Kit.beside(fresh.sealed, before.sealed)
    yield* KeyWraps.keep(calls, did, master.generation, [{ ...fresh, sealed }])
  })

/** A kit that is on no paper yet. Fails where the one it is to follow (`old`) is not the account's. */
export const prepare = Effect.fn("NewKit.prepare")(function*(old: Redacted.Redacted<string> | null) {
  const { did, keys } = yield* Account.own
  if (old !== null) yield* turnOf(old, yield* AccountLog.read(keys.origin, did))
  return yield* Kit.make
})

/**
 * Puts a kit that its owner has kept in the place of the account's: by the word of that one (`old`, as it was printed), or else by this
 * device's. May be tried again.
 */
export const replace = Effect.fn("NewKit.replace")(function*(
  calls: MasterKeys.SessionCalls,
  fresh: Kit.Kit,
  old: Redacted.Redacted<string> | null
) {
  const { did, keys } = yield* Account.own
  const read = yield* AccountLog.read(keys.origin, did)
  const hash = yield* Kit.hash(fresh)
  const key = fresh.kem.publicKey
  if (!isNamed(read, hash)) {
    const turn = old === null ? null : yield* turnOf(old, read)
    yield* sealTo(calls, key)
    yield* KeysChange.to((now) => ({ ...now, nextKit: { key, hash } }))
    if (turn === null) yield* Account.state(({ recovery }) => ({ recovery: [hash, ...recovery.slice(1)] }))
    else {
      const operation = yield* AccountLog.next(read, read.log.chain.length - 1, { ...turn, next: hash }, {})
      yield* NodeDoors.state(keys.origin, did, { operation, kemKeys: [] })
    }
  }
  yield* settle(calls)
})

/** Does what was left undone. */
export const settle = Effect.fn("NewKit.settle")(function*(calls: MasterKeys.SessionCalls) {
  const { did, keys } = yield* Account.own
  const { nextKit } = keys
  if (nextKit === null) return
  const read = yield* AccountLog.read(keys.origin, did)
  const then = isNamed(read, nextKit.hash) ? { kit: nextKit.key, kitSince: read.log.stated } : {}
  if ("kit" in then) {
    const master = yield* MasterKeys.settle(calls, keys)
    yield* MasterKeys.tellKit(calls, { ...keys, ...then }, master, read.log.head)
  }
  yield* KeysChange.to((now) => ({ ...now, ...then, nextKit: null }))
})
