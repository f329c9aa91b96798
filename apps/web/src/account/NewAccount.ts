/**
 * Creating an account: all keys are made first, and are nobody's until its owner has kept the kit. Then, and only then, the node hears
 * of it: there is no account without a way back.
 */
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import type { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Redacted from "effect/Redacted"
import * as DeviceKeys from "../keys/DeviceKeys.ts"
import * as KeyStore from "../keys/KeyStore.ts"
import * as Kit from "../keys/Kit.ts"
import * as Log from "../keys/Log.ts"
import * as MasterKey from "../keys/MasterKey.ts"
import * as Node from "../keys/Node.ts"
import { run } from "../keys/Suite.ts"
import * as Tokens from "../keys/Tokens.ts"
import type { NewAccount } from "./Keys.ts"
import { ownName } from "./OwnName.ts"

export const newAccount = async (): Promise<NewAccount> => {
  const device = await DeviceKeys.make()
  const kit = await Kit.make()
  const master = await run(KeyHierarchy.newMasterKey)
  const { operation, userId } = await Log.genesis(device, [Operation.keyHash(kit.signer.publicKey)])
  const kitWrap = await run(KeyHierarchy.wrapForKit(master, userId, kit.wrapKey))

  return {
    kit: kit.groups,
    open: async ({ displayName, handle, invitation }) => {
      const account = { userId, handle, displayName, deviceId: device.deviceId }
      // First here, then there: an answer that is lost on its way loses no keys.
      await device.keep(account, { master, kitWrap })
      await Tokens.signUp({ userId, device }, {
        handle: handle as Handle,
        displayName: displayName as DisplayName,
        genesis: { operation, kemKeys: [device.kem.publicKey] },
        ...invitation === undefined ? {} : { invitation: Redacted.make(invitation) }
      })
      const kept = await KeyStore.read()
      await MasterKey.settle(kept!, await DeviceKeys.load(kept!))
      await Node.nameDevice(userId, device.deviceId, ownName())
      return account
    }
  }
}
