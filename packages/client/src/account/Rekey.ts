/**
 * New keys where somebody who had the old ones is to have them no more: a device that was let go, or a kit that was replaced.
 *
 * X1  It is due after a device left, after a kit signed, and once a kit that a device replaced can take nothing back any more; and not again
 *     after it was done. Every device sees it by itself, from the log and from when the newest master key was made.
 * X2  Done, the old keys open neither the vault nor what is sealed; cut off anywhere, it is gone on with at the next opening.
 * X3  Where the kit would be left behind, none is made: a new kit comes first.
 *
 * In this order: a new kit that was stated is told to all, a new master key, the vault's key, the keys of sealed conversations.
 */
import { bytesEqual } from "@vivim/crypto/Bytes"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Rewrapping from "../sealed/Rewrapping.ts"
import type { SealingCalls } from "../sealed/Sealing.ts"
import * as Account from "./Account.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NewKit from "./NewKit.ts"
import type { VaultCalls } from "./VaultKey.ts"
import * as VaultRekey from "./VaultRekey.ts"

/** What this needs of a session. */
export type RekeyCalls =
  & MasterKeys.SessionCalls
  & VaultRekey.RekeyCalls
  & VaultCalls
  & Pick<SealingCalls, "ReadSealed" | "RewrapSealedKey" | "WatchLibrary">

type Entry = IdentityLog.IdentityLog["chain"][number]

const isSame = (one: Entry["recovery"], other: Entry["recovery"]) =>
  one.length === other.length && one.every((hash, i) => bytesEqual(hash, other[i]!))

/** Whether somebody has the master key that was made at `at` (null: with the account) who is not to have it. */
export const isDue = (
  { chain }: Pick<IdentityLog.IdentityLog, "chain">,
  at: Uint8Array | null,
  now: number
): boolean => {
  // What it was made at may have been voided: then it was made before all that counts.
  const made = at === null ? 0 : Math.max(0, chain.findIndex(({ hash }) => bytesEqual(hash, at)))
  return chain.slice(made + 1).some((entry, i) => {
    const before = chain[made + i]!
    const hasLeft = before.ids.some((id) => !entry.ids.includes(id))
    const byKit = before.recovery.some((hash) => bytesEqual(hash, entry.spent))
    const isSettled = !isSame(before.recovery, entry.recovery) && now - entry.ts > IdentityLog.limits.windowMs
    return hasLeft || byKit || isSettled
  })
}

/** `exchanged`: there are new keys. `kit`: a new kit is to be printed first. `current`: there is nothing to do. */
export type Outcome = "exchanged" | "current" | "kit"

/** A new master key where one is due. */
const renewed = (calls: MasterKeys.SessionCalls) =>
  Effect.gen(function*() {
    const { did, keys } = yield* Account.own
    const known = yield* MasterKeys.fetch(calls, keys)
    const { log } = yield* AccountLog.read(keys.origin, did)
    const newest = DeviceKeys.masterKeyOf(known)
    if (!isDue(log, newest?.at ?? null, yield* Clock.currentTimeMillis)) return "current"
    if (!MasterKeys.mayRenew(known, log.head)) return "kit"
    yield* MasterKeys.renew(calls, known, log)
    return "exchanged"
  })

/** Exchanges all keys where that is due, and goes on with what was cut off. */
export const rekey = Effect.fn("Rekey.rekey")(function*(calls: RekeyCalls) {
  yield* NewKit.settle(calls)
  const outcome: Outcome = yield* renewed(calls)
  const { did, keys: { masterKeys } } = yield* Account.own
  const open = VaultRekey.open(calls, masterKeys)
  const isExchanged = outcome === "exchanged"
    ? yield* VaultRekey.exchange(calls, masterKeys).pipe(Effect.as(true), Effect.catchTag("WrongStoreKey", () => open))
    : yield* open
  const wrapped = yield* Rewrapping.rewrap(calls, { owner: did, masterKeys })
  return outcome === "current" && (isExchanged || wrapped > 0) ? "exchanged" : outcome
})
