/**
 * The account's master key as it goes from device to device: wrapped to each of them and to the kit, kept by the node, opened here.
 *
 * M1  A device that is in the log opens what was wrapped to it; keys to wrap to come from the log, and no node can put another there.
 * M2  When a device leaves, a new master key is made and wrapped to those that stay.
 * M3  Whatever interrupted a device that made the first one: asked again, it has the node keep it.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { bytesEqual, hex } from "@vivim/crypto/Bytes"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { CryptoSuite, Secret } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import type { ContentHash, DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { NodeRefused } from "../NodeRefused.ts"
import type { Calls } from "../VivimClient.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as HandOver from "./HandOver.ts"
import type { KeyStore, KeyStoreError } from "./KeyStore.ts"
import * as Kit from "./Kit.ts"
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

/** There is no master key for this device: none was made here, and the node keeps none for it (yet). */
export class NoMasterKey extends Schema.TaggedError<NoMasterKey>()("NoMasterKey", { message: Schema.String }) {}

export const forDevice = (
  { key }: MasterKey,
  did: Did,
  deviceId: DeviceId,
  kem: Uint8Array,
  kit: Uint8Array | null
): Effect.Effect<Wrap, never, CryptoSuite> =>
  Effect.map(HandOver.wrap(key, did, deviceId, kem, kit), (sealed) => ({ deviceId, sealed }))

export const forKit = ({ key }: MasterKey, did: Did, kit: Uint8Array): Effect.Effect<Wrap, never, CryptoSuite> =>
  Effect.map(Kit.wrap(key, did, kit), (sealed) => ({ deviceId: null, sealed }))

/** The keys of all devices of the log, fetched by their hashes and held against them. */
const kemsOf = (origin: string, did: Did, head: Operation.Statement) =>
  Effect.forEach([...Operation.devicesOf(head)], ([deviceId, { kem }]) =>
    Effect.gen(function*() {
      const key = yield* NodeDoors.kemKey(origin, did, hex(kem) as ContentHash)
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

const wrapsTo = (calls: SessionCalls, to: DeviceId | null) =>
  Effect.map(
    wrapsKept(calls),
    (wraps) => wraps.filter(({ deviceId }) => deviceId === to).toSorted((a, b) => a.generation - b.generation)
  )

/** Opens what was wrapped to this device, and keeps it here; answers the keys with it. */
export const fetch = Effect.fn("MasterKeys.fetch")(function*(calls: SessionCalls, keys: DeviceKeys.DeviceKeys) {
  const deviceId = yield* DeviceKeys.deviceIdOf(keys)
  const kem = yield* DeviceKeys.kemKeyOf(keys)
  const opened = yield* Effect.forEach(
    yield* wrapsTo(calls, deviceId),
    ({ generation, sealed }) =>
      Effect.map(HandOver.unwrap(kem, keys.did!, deviceId, sealed), (one) => ({ generation, ...one }))
  )
  // Whoever wrapped the newest one knew which kit there is.
  return yield* take({ ...keys, kit: opened.at(-1)?.kit ?? keys.kit }, opened)
})

/** Opens what was wrapped to the kit: the newest, and older ones as far as they were wrapped to this kit and not to one before it. */
export const fetchByKit = Effect.fn("MasterKeys.fetchByKit")(function*(
  calls: SessionCalls,
  keys: DeviceKeys.DeviceKeys,
  kit: Kit.Kit
) {
  const wraps = yield* wrapsTo(calls, null)
  const opened = yield* Effect.forEach(wraps, ({ generation, sealed }, at) => {
    const opening = Effect.map(Kit.unwrap(kit, keys.did!, sealed), (key) => [{ generation, key }])
    return at === wraps.length - 1 ? opening : Effect.orElseSucceed(opening, () => [])
  })
  return yield* take(keys, opened.flat())
})

/** Has the node keep a master key for this device, and for the kit where it is known. */
export const deposit = (
  calls: SessionCalls,
  keys: DeviceKeys.DeviceKeys,
  master: MasterKey
) =>
  Effect.gen(function*() {
    const did = keys.did!
    const { publicKey } = yield* DeviceKeys.kemKeyOf(keys)
    const own = yield* forDevice(master, did, yield* DeviceKeys.deviceIdOf(keys), publicKey, keys.kit)
    const kit = keys.kit !== null
      ? [yield* forKit(master, did, keys.kit)]
      : keys.kitWrap !== null
      ? [{ deviceId: null, sealed: keys.kitWrap }]
      : []
    yield* keep(calls, did, master.generation, [own, ...kit])
    if (keys.kitWrap !== null) yield* DeviceKeys.keep({ ...keys, kitWrap: null })
  })

/** The newest master key: from what the node keeps for this device, or, where it keeps nothing yet, given to it from here. */
export const settle = Effect.fn("MasterKeys.settle")(function*(calls: SessionCalls, keys: DeviceKeys.DeviceKeys) {
  const isKept = (yield* wrapsTo(calls, yield* DeviceKeys.deviceIdOf(keys))).length > 0
  const now = isKept ? yield* fetch(calls, keys) : keys
  const master = DeviceKeys.masterKeyOf(now)
  if (master === null) return yield* new NoMasterKey({ message: "The node keeps no master key for this device." })
  if (!isKept) yield* deposit(calls, now, master)
  return master
})

/** Keeps them here. */
const take = (
  keys: DeviceKeys.DeviceKeys,
  opened: ReadonlyArray<MasterKey>
): Effect.Effect<DeviceKeys.DeviceKeys, KeyStoreError, KeyStore> => {
  const fresh = opened.filter(({ generation }) => !keys.masterKeys.some((one) => one.generation === generation))
    .map(({ generation, key }) => ({ generation, key }))
  const now = { ...keys, masterKeys: [...keys.masterKeys, ...fresh].toSorted((a, b) => a.generation - b.generation) }
  return Effect.as(DeviceKeys.keep(now), now)
}

/** Wraps a master key to every device of the log, and to the kit where this device knows it. */
const wrapToAll = (
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
    const wraps = yield* Effect.forEach(
      devices,
      ({ deviceId, key }) => forDevice(master, did, deviceId, key, keys.kit)
    )
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
