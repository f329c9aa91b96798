/**
 * The account's log, as this browser checks it for itself, and the operations this device states in it.
 *
 * A device signs each operation with the next key of its chain: which one that is, the log says, so nothing has to be remembered.
 */
import type { Signer } from "@vivim/crypto/CryptoSuite"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import type { Did } from "@vivim/event-schemas/ids"
import { Refused } from "../node/Calls.ts"
import type { Device } from "./DeviceKeys.ts"
import { base64url, fromBase64url, hex, run } from "./Suite.ts"

/** A log as the node shows it to anyone. */
export interface Shown {
  readonly did: string
  readonly operations: ReadonlyArray<string>
}

/** The log of an account, folded here; whatever the node says of it besides counts for nothing. */
export interface Log {
  readonly userId: Did
  readonly operations: ReadonlyArray<Uint8Array>
  readonly folded: IdentityLog.IdentityLog
}

const ground: IdentityLog.Ground = { verify: Ed25519.verify }

export const readLog = ({ did, operations }: Shown): Log => {
  const bytes = operations.map(fromBase64url)
  const userId = did as Did
  const { log } = IdentityLog.fold(userId, bytes, ground)
  // A node that shows a log which is none is not believed.
  if (log === null) throw new Refused({ _tag: "LogUnsound" })
  return { userId, operations: bytes, folded: log }
}

/** How many keys of a chain are looked through for the one that is committed to. */
const KeysMax = 1_100

/** The number of the key a device signs its next operation with. */
const turn = async (device: Device, committed: ReadonlyArray<string>): Promise<number> => {
  for (let n = 0; n < KeysMax; n++) {
    if (committed.includes(hex(Operation.keyHash((await device.rotation(n)).publicKey)))) return n
  }
  throw new Refused({ _tag: "KeysGone" })
}

export const keyHash = async (device: Device, n: number): Promise<Uint8Array> =>
  Operation.keyHash((await device.rotation(n)).publicKey)

const sign = async (statement: Operation.Statement, by: Signer): Promise<Uint8Array> =>
  Operation.signed(statement, await run(by.sign(Operation.messageOf(statement))))

/** What an operation says of this device, whose `n`-th key is the next to sign. */
const entry = async (device: Device, n: number): Promise<Operation.Statement["devices"]> => ({
  [device.deviceId]: { kem: Operation.keyHash(device.kem.publicKey), next: await keyHash(device, n) }
})

/** The first operation of an account: one device, and the hash of the kit's key. */
export const genesis = async (
  device: Device,
  recovery: ReadonlyArray<Uint8Array>
): Promise<{ readonly userId: Did; readonly operation: Uint8Array }> => {
  const by = await device.rotation(0)
  const statement: Operation.Statement = {
    v: 1,
    seq: 0,
    prev: null,
    key: by.publicKey,
    devices: await entry(device, 1),
    recovery,
    services: {},
    aka: [],
    ts: Date.now()
  }
  return { userId: Operation.didOf(statement), operation: await sign(statement, by) }
}

type Devices = Operation.Statement["devices"]

/** What the account's next operation says, but for who signs it. */
const after = ({ folded: { chain, head, ts } }: Log, at = chain.length - 1) => ({
  ...head,
  seq: at + 1,
  prev: chain[at]!.hash,
  ts: Math.max(Date.now(), ts)
})

/** An operation that this device signs and that leaves its own entry as `change` has it. */
const stated = async (log: Log, device: Device, change: (devices: Devices) => Devices): Promise<Uint8Array> => {
  const own = log.folded.head.devices[device.deviceId]
  if (own === undefined || own.next === null) throw new Refused({ _tag: "KeysGone" })
  const n = await turn(device, [hex(own.next)])
  const by = await device.rotation(n)
  const devices = change({ ...log.folded.head.devices, ...await entry(device, n + 1) })
  return await sign({ ...after(log), key: by.publicKey, devices }, by)
}

/** With one device more. */
export const adding = (
  log: Log,
  device: Device,
  added: { readonly deviceId: string; readonly kem: Uint8Array; readonly next: Uint8Array }
) =>
  stated(log, device, (devices) => ({
    ...devices,
    [added.deviceId]: { kem: Operation.keyHash(added.kem), next: added.next }
  }))

/** With one device less. */
export const removing = (log: Log, device: Device, deviceId: string) =>
  stated(log, device, (devices) => Object.fromEntries(Object.entries(devices).filter(([id]) => id !== deviceId)))

/**
 * Where in the log a kit can take the account back from: its newest operation, or the last one that committed to the kit, where a lesser
 * key took it out. A kit that was used signs nothing any more.
 */
export const heldBy = ({ folded: { chain } }: Log, kit: Signer): number => {
  const hash = hex(Operation.keyHash(kit.publicKey))
  const rankAt = (at: number) => chain[at]!.recovery.findIndex((one) => hex(one) === hash)
  const at = chain.findLastIndex((_, at) => rankAt(at) >= 0)
  const rival = chain[at + 1]
  if (at < 0 || (rival !== undefined && rival.rank <= rankAt(at))) throw new Refused({ _tag: "KitOfAnother" })
  if (rival !== undefined && Date.now() - rival.ts > IdentityLog.limits.windowMs) {
    throw new Refused({ _tag: "KitTooLate" })
  }
  return at
}

/** With one device alone, signed by a kit, which another one takes the place of. What came after `at` counts no more. */
export const recovering = async (
  log: Log,
  at: number,
  kit: Signer,
  device: Device,
  fresh: Uint8Array
): Promise<Uint8Array> => {
  const used = hex(Operation.keyHash(kit.publicKey))
  const recovery = log.folded.chain[at]!.recovery.map((one) => hex(one) === used ? fresh : one)
  return await sign({ ...after(log, at), key: kit.publicKey, devices: await entry(device, 0), recovery }, kit)
}

/** As `Statement` of the contract wants it. */
export const toState = (operation: Uint8Array, ...kemKeys: ReadonlyArray<Uint8Array>) => ({
  operation: base64url(operation),
  kemKeys: kemKeys.map(base64url)
})
