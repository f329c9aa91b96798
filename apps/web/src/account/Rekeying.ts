/** New keys at work in this browser: exchanged when somebody is to have the old ones no more, and a new kit. Loaded when one of them is asked for. */
import * as Account from "@vivim/client/account/Account"
import * as AccountLog from "@vivim/client/account/AccountLog"
import * as MasterKeys from "@vivim/client/account/MasterKeys"
import * as NewKits from "@vivim/client/account/NewKit"
import * as Rekey from "@vivim/client/account/Rekey"
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { sealedCalls } from "../sealed/Machinery.ts"
import * as Entering from "./Entering.ts"
import type { NewKit } from "./Keys.ts"
import * as RecoveryPasskey from "./RecoveryPasskey.ts"
import { persist, run } from "./Runtime.ts"

/** What is sealed is asked for over the line, like everything else of conversations. */
const calls = Effect.map(Entering.calls, (node) => ({ ...node, ...sealedCalls }))

let last: Promise<unknown> = Promise.resolve()
/** A kit is not replaced while a master key is made, which would be sealed to the one before. */
const inTurn = <A>(work: () => Promise<A>): Promise<A> => {
  const mine = last.then(work, work)
  last = mine
  return mine
}

export const rekey = (userId: Did): Promise<Rekey.Outcome> =>
  inTurn(() => persist(userId, Effect.flatMap(calls, Rekey.rekey)))

export const kitKnown = (userId: Did): Promise<"known" | "unknown" | "none"> =>
  run(
    userId,
    Effect.gen(function*() {
      const { did, keys } = yield* Account.own
      const { log } = yield* AccountLog.read(keys.origin, did)
      return MasterKeys.mayRenew(keys, log.head) ? log.head.recovery.length === 0 ? "none" : "known" : "unknown"
    })
  )

/** The new kit is nobody's until its owner has kept it. */
export const newKit = async (userId: Did, typed: string | null | undefined): Promise<NewKit> => {
  const old = typed === undefined
    ? null
    : typed === null
    ? (await RecoveryPasskey.show()).printed
    : Redacted.make(typed)
  const fresh = await run(userId, NewKits.prepare(old))
  return {
    kit: Redacted.value(fresh.printed).split("-"),
    replace: () =>
      inTurn(() => persist(userId, Effect.flatMap(Entering.calls, (node) => NewKits.replace(node, fresh, old))))
  }
}
