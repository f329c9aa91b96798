/** This browser on its way to become a device of an account: it shows its keys, watches the account's log, and goes on once it is in it. */
import * as DeviceKeys from "../keys/DeviceKeys.ts"
import * as KeyStore from "../keys/KeyStore.ts"
import * as Log from "../keys/Log.ts"
import * as MasterKey from "../keys/MasterKey.ts"
import * as Node from "../keys/Node.ts"
import * as Pairing from "../keys/Pairing.ts"
import * as Tokens from "../keys/Tokens.ts"
import { Refused } from "../node/Calls.ts"
import type { Account } from "../session/Session.ts"
import type { Joining } from "./Keys.ts"

/** How often it is looked whether this device was let in. */
const lookMs = 1_500

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
      if (error instanceof Refused && (error.refusal._tag === "NodeAway" || error.refusal._tag === "TooManyRequests")) {
        return undefined
      }
      throw error
    })
    if (seen !== undefined) return seen
    await pause(signal)
  }
}

const letIn = async (account: Account, device: DeviceKeys.NewDevice, signal: AbortSignal): Promise<Account> => {
  const { userId } = account
  await until(async () => {
    const { folded } = Log.readLog(await Node.log(userId))
    return folded.head.devices[device.deviceId] === undefined ? undefined : true
  }, signal)
  await device.keep(account, { master: null, kitWrap: null })
  await Tokens.signIn({ userId, device })
  const kept = (await KeyStore.read())!
  const loaded = await DeviceKeys.load(kept)
  // The other device seals the master key to this one right after it has let it in.
  await until(() => MasterKey.find(loaded, userId), signal)
  await MasterKey.settle(kept, loaded)
  return account
}

export const join = async (handle: string): Promise<Joining> => {
  const shown = Log.readLog(await Node.log(`@${handle}`))
  const device = await DeviceKeys.make()
  const asked = {
    key: device.signer.publicKey,
    kem: device.kem.publicKey,
    next: await Log.keyHash(device, 0)
  }
  const giving = new AbortController()
  const account = { userId: shown.userId, handle, displayName: handle, deviceId: device.deviceId }
  return {
    code: await Pairing.encode(asked),
    comparison: await Pairing.comparison(shown.userId, asked),
    letIn: letIn(account, device, giving.signal),
    giveUp: () => giving.abort()
  }
}
