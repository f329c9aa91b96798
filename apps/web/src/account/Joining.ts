/** This browser on its way to become a device of an account: it shows its keys, watches the account's log, and goes on once it is in it. */
import * as Approval from "@vivim/client/account/Approval"
import * as DeviceKeys from "@vivim/client/account/DeviceKeys"
import { Refused } from "../node/Calls.ts"
import type { Account } from "../session/Session.ts"
import * as Entering from "./Entering.ts"
import type { Joining } from "./Keys.ts"
import { nobody, run } from "./Runtime.ts"

/** How often it is looked whether this device was let in. */
const lookMs = 1_500

/** What is not there yet, or not just now, is waited for. */
const passing: ReadonlyArray<string> = ["NodeAway", "TooManyRequests", "NoMasterKey"]

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, lookMs)
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      reject(new Refused({ _tag: "GivenUp" }))
    }, { once: true })
  })

/** Looks until there is something to see. A node that is away for a while is waited for. */
const until = async <A>(look: () => Promise<A | undefined>, signal: AbortSignal): Promise<A> => {
  for (;;) {
    const seen = await look().catch((error: unknown) => {
      if (error instanceof Refused && passing.includes(error.refusal._tag)) return undefined
      throw error
    })
    if (seen !== undefined) return seen
    await pause(signal)
  }
}

const letIn = async (asking: Approval.Asking, account: Account, signal: AbortSignal): Promise<Account> => {
  const { userId } = account
  await until(async () => await run(nobody, Approval.isIn(asking)) || undefined, signal)
  await run(userId, Approval.enter(asking))
  await run(userId, Entering.signIn)
  // The other device seals the master key to this one right after it has let it in.
  await until(async () => {
    await run(userId, Entering.unlock)
    return true
  }, signal)
  return account
}

export const join = async (handle: string): Promise<Joining> => {
  const asking = await run(nobody, Approval.prepare(location.origin, `@${handle}`))
  const giving = new AbortController()
  const deviceId = await run(nobody, DeviceKeys.deviceIdOf(asking.keys))
  return {
    code: asking.code,
    comparison: asking.comparison,
    letIn: letIn(asking, { userId: asking.did, handle, displayName: handle, deviceId }, giving.signal),
    giveUp: () => giving.abort()
  }
}
