/**
 * The account's master key as it goes from device to device: wrapped to each of them and to the kit, kept by the node, opened here.
 *
 * M1  A device that is in the log opens what was wrapped to it; keys to wrap to come from the log, and no node can put another there.
 * M2  When a device leaves, a new master key is made and wrapped to those that stay.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { bytesEqual } from "@vivim/crypto/Bytes"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { CryptoSuite, Secret } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import type { ContentHash, DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { NodeRefused } from "../NodeRefused.ts"
import type { Calls } from "../VivimClient.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import type { KeyStore, KeyStoreError } from "./KeyStore.ts"
import * as NodeDoors from "./NodeDoors.ts"

/** What this needs of a session. */
export type SessionCalls = Pick<Calls, "KeepKeyWraps" | "NameDevice" | "WatchKeyWraps">

export interface MasterKey {
  readonly generation: number
  readonly key: Secret
}

/** A master key sealed to a device, or (null) to the kit. */
export interface Wrap {
  readonly deviceId: DeviceId | null
  readonly sealed: Uint8Array
}

/** A device's DID is its scope: what was wrapped to one opens as no other. */
const scope = (did: Did, deviceId: DeviceId) => ({ account: did, device: `did:key:${deviceId}` })

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("") as ContentHash

export const forDevice = (
  { key }: MasterKey,
  did: Did,
  deviceId: DeviceId,
  kem: Uint8Array
): Effect.Effect<Wrap, never, CryptoSuite> =>
  // The key was held against its hash or made here: it has its length.
  Effect.map(
    Effect.orDie(KeyHierarchy.wrapForDevice(key, scope(did, deviceId), kem)),
    (sealed) => ({ deviceId, sealed })
  )

export const forKit = ({ key }: MasterKey, did: Did, kit: Secret): Effect.Effect<Wrap, never, CryptoSuite> =>
  Effect.map(Effect.orDie(KeyHierarchy.wrapForKit(key, did, kit)), (sealed) => ({ deviceId: null, sealed }))

/** The keys of all devices of the log, fetched by their hashes and held against them. */
const kemsOf = (origin: string, did: Did, head: Operation.Statement) =>
  Effect.forEach([...Operation.devicesOf(head)], ([deviceId, { kem }]) =>
    Effect.gen(function*() {
      const key = yield* NodeDoors.kemKey(origin, did, hex(kem))
      if (!bytesEqual(yield* AccountLog.kemHash(key), kem)) {
        return yield* new AccountLog.LogNotProven({ message: "The node shows another key than the log names." })
      }
      return { deviceId, key }
    }))

/** Has the node keep them. */
export const keep = (calls: SessionCalls, userId: Did, generation: number, wraps: ReadonlyArray<Wrap>) =>
  Effect.flatMap(CommandIds.next, (commandId) => calls.KeepKeyWraps({ commandId, userId, generation, wraps }))

const wrapsKept = (calls: SessionCalls) =>
  calls.WatchKeyWraps({}).pipe(Stream.runHead, Effect.map(Option.getOrElse(() => [])))

/** Opens what was wrapped to this device, and keeps it here; answers the newest. */
export const fetch = Effect.fn("MasterKeys.fetch")(function*(calls: SessionCalls, keys: DeviceKeys.DeviceKeys) {
  const { did } = keys
  const deviceId = yield* DeviceKeys.deviceIdOf(keys)
  const kem = yield* DeviceKeys.kemKeyOf(keys)
  const own = (yield* wrapsKept(calls)).filter((wrap) => wrap.deviceId === deviceId)
  const opened = yield* Effect.forEach(
    own,
    ({ generation, sealed }) =>
      Effect.map(KeyHierarchy.unwrapOnDevice(kem, scope(did!, deviceId), sealed), (key) => ({ generation, key }))
  )
  return yield* take(keys, opened)
})

/** Opens what was wrapped to the kit. */
export const fetchByKit = Effect.fn("MasterKeys.fetchByKit")(function*(
  calls: SessionCalls,
  keys: DeviceKeys.DeviceKeys,
  kit: Secret
) {
  const own = (yield* wrapsKept(calls)).filter(({ deviceId }) => deviceId === null)
  const opened = yield* Effect.forEach(
    own,
    ({ generation, sealed }) =>
      Effect.map(KeyHierarchy.unwrapWithKit(kit, keys.did!, sealed), (key) => ({ generation, key }))
  )
  return yield* take(keys, opened)
})

const take = (
  keys: DeviceKeys.DeviceKeys,
  opened: ReadonlyArray<MasterKey>
): Effect.Effect<DeviceKeys.DeviceKeys, KeyStoreError, KeyStore> => {
  const fresh = opened.filter(({ generation }) => !keys.masterKeys.some((one) => one.generation === generation))
  const now = { ...keys, masterKeys: [...keys.masterKeys, ...fresh] }
  return Effect.as(DeviceKeys.keep(now), now)
}

/** Wraps a master key to every device of the log, and to the kit where this device can. */
export const wrapToAll = (
  master: MasterKey,
  keys: DeviceKeys.DeviceKeys,
  head: Operation.Statement
): Effect.Effect<
  ReadonlyArray<Wrap>,
  NodeDoors.NodeAway | NodeRefused | AccountLog.LogNotProven,
  CryptoSuite | HttpClient.HttpClient
> =>
  Effect.gen(function*() {
    const did = keys.did!
    const devices = yield* kemsOf(keys.origin, did, head)
    const wraps = yield* Effect.forEach(devices, ({ deviceId, key }) => forDevice(master, did, deviceId, key))
    return keys.kit === null ? wraps : [...wraps, yield* forKit(master, did, keys.kit)]
  })

/** A new master key, for the devices that are in the log now; kept by the node before this device believes in it. */
export const renew = Effect.fn("MasterKeys.renew")(function*(
  calls: SessionCalls,
  keys: DeviceKeys.DeviceKeys,
  head: Operation.Statement
) {
  const newest = Math.max(0, ...(yield* wrapsKept(calls)).map(({ generation }) => generation))
  const master = { generation: newest + 1, key: yield* KeyHierarchy.newMasterKey }
  yield* keep(calls, keys.did!, master.generation, yield* wrapToAll(master, keys, head))
  return { keys: yield* take(keys, [master]), master }
})
