/** Taking an account back with its kit: this browser becomes its one device, and a new kit takes the place of the one that was used. */
import type { Secret } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as DeviceKeys from "../keys/DeviceKeys.ts"
import * as Kit from "../keys/Kit.ts"
import * as Log from "../keys/Log.ts"
import * as MasterKey from "../keys/MasterKey.ts"
import * as Node from "../keys/Node.ts"
import { base64url, run } from "../keys/Suite.ts"
import * as Tokens from "../keys/Tokens.ts"
import type { Recovering } from "./Keys.ts"
import { ownName } from "./OwnName.ts"

export const beginRecovery = async (handle: string, typed: string): Promise<Recovering> => {
  const kit = await Kit.read(typed)
  const log = Log.readLog(await Node.log(`@${handle}`))
  const at = Log.heldBy(log, kit.signer)
  const { userId } = log
  const [device, fresh] = [await DeviceKeys.make(), await Kit.make()]
  const account = { userId, handle, displayName: handle, deviceId: device.deviceId }
  let isTakenBack = false

  /** The operation counts from the moment the node has it; whoever was cut off after it goes on from there. */
  const takeBack = async (master: Secret) => {
    if (isTakenBack) return
    const operation = await Log.recovering(log, at, kit.signer, device, Operation.keyHash(fresh.signer.publicKey))
    // The vault of an account whose devices are all lost is locked, and nothing can be stated in it.
    const storeKey = await MasterKey.storeKeyOf(master)
    await Node.bring(userId, { ...Log.toState(operation, device.kem.publicKey), storeKey })
    await device.keep(account, { master: null, kitWrap: null })
    isTakenBack = true
  }

  return {
    handle,
    userId,
    devices: Object.keys(log.folded.head.devices).length,
    kit: fresh.groups,
    recover: async () => {
      const { generation, master } = await MasterKey.findByKit(kit.wrapKey, userId)
      await takeBack(master)
      await Tokens.signIn({ userId, device })
      await Node.keepWraps(userId, generation, [
        await MasterKey.wrapFor(master, userId, { deviceId: device.deviceId, kem: device.kem.publicKey }),
        { deviceId: null, sealed: base64url(await run(KeyHierarchy.wrapForKit(master, userId, fresh.wrapKey))) }
      ])
      // What was just deposited may not be shown yet, and need not be: it is known here.
      await MasterKey.openVault(master)
      await Node.nameDevice(userId, device.deviceId, ownName())
      return account
    }
  }
}
