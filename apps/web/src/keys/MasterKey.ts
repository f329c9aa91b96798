/** The account's master key on this device: wrapped so that the node can keep it, unwrapped to open the vault, never laid down bare. */
import { CryptoSuite, type Secret } from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Refused } from "../node/Calls.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import type { Kept } from "./KeyStore.ts"
import * as Node from "./Node.ts"
import { base64url, fromBase64url, run } from "./Suite.ts"

type Loaded = Awaited<ReturnType<typeof DeviceKeys.load>>

const firstGeneration = 1

export const wrapFor = async (
  master: Secret,
  userId: string,
  device: { readonly deviceId: string; readonly kem: Uint8Array }
) => ({
  deviceId: device.deviceId,
  sealed: base64url(
    await run(KeyHierarchy.wrapForDevice(master, { account: userId, device: device.deviceId }, device.kem))
  )
})

const newest = (wraps: ReadonlyArray<Node.Wrap>, deviceId: string | null): Node.Wrap | undefined =>
  wraps.filter((wrap) => wrap.deviceId === deviceId).toSorted((a, b) => a.generation - b.generation).at(-1)

const unwrap = (device: Loaded, userId: string, { sealed }: Node.Wrap): Promise<Secret> =>
  run(KeyHierarchy.unwrapOnDevice(device.kem, { account: userId, device: device.deviceId }, fromBase64url(sealed)))

/** The master key, from what the node keeps for this device; `undefined` while it keeps nothing for it. */
export const find = async (
  device: Loaded,
  userId: string
): Promise<{ readonly master: Secret; readonly generation: number } | undefined> => {
  const wrap = newest(await Node.wraps(), device.deviceId)
  return wrap === undefined ? undefined : { master: await unwrap(device, userId, wrap), generation: wrap.generation }
}

/** By the kit, from what the node keeps for it: for the device that takes the account back with it. */
export const findByKit = async (wrapKey: Secret, userId: string) => {
  const wrap = await Node.kitWrap(userId)
  const master = await run(KeyHierarchy.unwrapWithKit(wrapKey, userId, fromBase64url(wrap.sealed)))
  return { master, generation: wrap.generation }
}

/** Has the node keep the master key that was made here, if it does not yet. */
const deposit = async (kept: Kept, device: Loaded, master: Secret): Promise<void> => {
  const { userId } = kept.account
  const own = await wrapFor(master, userId, { deviceId: device.deviceId, kem: device.kem.publicKey })
  const kit = kept.kitWrap === null ? [] : [{ deviceId: null, sealed: kept.kitWrap }]
  await Node.keepWraps(userId, firstGeneration, [own, ...kit])
  await DeviceKeys.forgetMaster(userId)
}

const checkOf = (storeKey: Secret): Promise<Uint8Array> =>
  run(Effect.flatMap(CryptoSuite, ({ hkdf }) => {
    const utf8 = new TextEncoder()
    return hkdf({
      key: Redacted.value(storeKey),
      salt: utf8.encode("vivim/store/v1"),
      info: utf8.encode("check"),
      length: 32
    })
  }))

/** What opens the vault, as the node is handed it. */
export const storeKeyOf = async (master: Secret): Promise<string> =>
  base64url(Redacted.value(await run(KeyHierarchy.branch(master, "store"))))

/** Brings the vault into being where there is none, and opens it. */
export const openVault = async (master: Secret): Promise<void> => {
  const storeKey = await run(KeyHierarchy.branch(master, "store"))
  if ((await Node.vault.read()).state === "open") await Node.vault.enroll(base64url(await checkOf(storeKey)))
  await Node.vault.unlock(base64url(Redacted.value(storeKey)))
}

/** Whatever of it is not done yet: deposits the master key, and opens the vault. */
export const settle = async (kept: Kept, device: Loaded): Promise<void> => {
  if (device.master !== null) await deposit(kept, device, device.master)
  const master = device.master ?? (await find(device, kept.account.userId))?.master
  if (master === undefined) throw new Refused({ _tag: "KeysGone" })
  await openVault(master)
}
