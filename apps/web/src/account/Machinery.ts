/** The keys of this browser at work: what `Keys.ts` promises, done. Loaded when somebody signs up or in, or changes who may. */
import type { Did } from "@vivim/event-schemas/ids"
import * as DeviceKeys from "../keys/DeviceKeys.ts"
import * as History from "../keys/History.ts"
import * as KeyStore from "../keys/KeyStore.ts"
import * as Log from "../keys/Log.ts"
import * as MasterKey from "../keys/MasterKey.ts"
import * as Node from "../keys/Node.ts"
import * as Pairing from "../keys/Pairing.ts"
import * as Tokens from "../keys/Tokens.ts"
import { Refused } from "../node/Calls.ts"
import { type Account, account } from "../session/Session.ts"
import { join } from "./Joining.ts"
import type { Keys } from "./Keys.ts"
import { newAccount } from "./NewAccount.ts"
import { beginRecovery } from "./Recovery.ts"

const loaded = async () => {
  const kept = await KeyStore.read()
  if (kept === undefined) throw new Refused({ _tag: "KeysGone" })
  return { kept, device: await DeviceKeys.load(kept), userId: kept.account.userId }
}

const ownLog = async (userId: string): Promise<Log.Log> => Log.readLog(await Node.log(userId))

/** Signs in with the keys that lie here, and sees to whatever an interrupted sign-up or recovery left undone. */
const signIn = async (account: Account): Promise<Account> => {
  KeyStore.enter(account.userId)
  const { device, kept, userId } = await loaded()
  const { handle } = await Tokens.signIn({ userId, device })
  await MasterKey.settle(kept, device)
  return { ...account, handle }
}

const letIn = async (code: string, name: string): Promise<void> => {
  const { device, userId } = await loaded()
  const asked = await Pairing.decode(code)
  const added = { deviceId: DeviceKeys.deviceIdOf(asked.key), kem: asked.kem, next: asked.next }
  const found = await MasterKey.find(device, userId)
  if (found === undefined) throw new Refused({ _tag: "KeysGone" })
  const log = await ownLog(userId)
  // Whoever presses twice, or was cut off in between, goes on where it stopped.
  if (log.folded.head.devices[added.deviceId] === undefined) {
    await Node.state(userId, Log.toState(await Log.adding(log, device, added), added.kem))
  }
  await Node.keepWraps(userId, found.generation, [await MasterKey.wrapFor(found.master, userId, added)])
  await Node.nameDevice(userId, added.deviceId, name)
}

const removeFromLog = async (deviceId: string): Promise<void> => {
  const { device, userId } = await loaded()
  await Node.state(userId, Log.toState(await Log.removing(await ownLog(userId), device, deviceId)))
}

/** Tells the node as much as it will hear; this browser is done in any case. */
const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined)

const signOut = async (forget: boolean): Promise<void> => {
  const kept = await KeyStore.read()
  // A device that is no longer one has no session either, and locks nothing; a locked account changes no devices.
  const isRemoved = forget && kept !== undefined &&
    await removeFromLog(kept.account.deviceId).then(() => true, () => false)
  if (!isRemoved) {
    await quietly(Node.vault.lock())
    if (kept !== undefined && kept.session !== null) await quietly(Node.endSession(kept.session.sessionId))
  }
  await Tokens.forget()
  if (forget) await KeyStore.wipe()
  await clearCaches()
  // Of what is sealed an index lies here.
  await quietly(import("../sealed/Machinery.ts").then(({ wipe }) => wipe()))
}

/** Files of conversations that the browser may have kept for itself. The client's own code stays. */
const clearCaches = async (): Promise<void> => {
  if (!("caches" in globalThis)) return
  for (const name of await caches.keys()) if (name === "files") await caches.delete(name)
}

const keyring: Keys["keyring"] = async () => {
  const { device, userId } = await loaded()
  const found = device.master === null
    ? await MasterKey.find(device, userId)
    : { master: device.master, generation: 1 }
  if (found === undefined) throw new Refused({ _tag: "KeysGone" })
  return { owner: userId as Did, masterKeys: [{ generation: found.generation, key: found.master }] }
}

export const machinery: Keys = {
  newAccount,
  signIn,
  join,
  beginRecovery,
  readCode: async (code) => {
    const asked = await Pairing.decode(code)
    return {
      deviceId: DeviceKeys.deviceIdOf(asked.key),
      comparison: await Pairing.comparison((await loaded()).userId, asked)
    }
  },
  letIn,
  revoke: removeFromLog,
  stepUp: async () => {
    const { device, userId } = await loaded()
    await Node.stepUp(await Tokens.confirm({ userId, device }))
  },
  unlock: async () => {
    const { device, kept } = await loaded()
    await MasterKey.settle(kept, device)
  },
  keyring,
  signOut,
  wipe: () => KeyStore.wipe(),
  history: async (names) => History.tell(await ownLog(account()!.userId), names),
  nodeSession: Tokens.nodeSession,
  authorization: Tokens.authorize
}
