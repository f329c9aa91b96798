/**
 * The account's master key as it goes from device to device: wrapped to each of them and to the kit, kept by the node, opened here.
 *
 * M1  A device that is in the log opens what was wrapped to it; keys to wrap to come from the log, and no node can put another there.
 * M2  When a device leaves, a new master key is made and wrapped to those that stay.
 * M3  Whatever interrupted a device that made the first one: asked again, it has the node keep it.
 * M4  Of two devices that make the next one at once, one is heard; the other takes the one that was.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { bytesEqual, hex } from "@vivim/crypto/Bytes"
import type { CryptoSuite, Secret } from "@vivim/crypto/CryptoSuite"
import type * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import type { ContentHash, DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { NodeRefused } from "../NodeRefused.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as HandOver from "./HandOver.ts"
import * as KeysChange from "./KeysChange.ts"
import type { KeyStore, KeyStoreError } from "./KeyStore.ts"
import * as KeyWraps from "./KeyWraps.ts"
import * as Kit from "./Kit.ts"
import * as NodeDoors from "./NodeDoors.ts"

/** What this needs of a session. */
export type SessionCalls = KeyWraps.SessionCalls

export interface MasterKey {
  readonly generation: number
  readonly key: Secret
  /** Hash of the newest operation when it was made; null where that is not known, or it was the first. */
  readonly at: Uint8Array | null
}

/** There is no master key for this device: none was made here, and the node keeps none for it (yet). */
export class NoMasterKey extends Schema.TaggedError<NoMasterKey>()("NoMasterKey", { message: Schema.String }) {}

export const forDevice = (
  { at, key }: MasterKey,
  did: Did,
  deviceId: DeviceId,
  kem: Uint8Array,
  { kit, kitSince: since }: Pick<DeviceKeys.DeviceKeys, "kit" | "kitSince">
): Effect.Effect<KeyWraps.Wrap, never, CryptoSuite> =>
  Effect.map(HandOver.wrap(key, did, deviceId, kem, { kit, since, at }), (sealed) => ({ deviceId, sealed }))

export const forKit = (
  { key }: MasterKey,
  did: Did,
  kit: Uint8Array
): Effect.Effect<KeyWraps.Wrap, never, CryptoSuite> =>
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

/** Opens what was wrapped to this device, and keeps it here; answers the keys with it. */
export const fetch = Effect.fn("MasterKeys.fetch")(function*(calls: SessionCalls, keys: DeviceKeys.DeviceKeys) {
  const deviceId = yield* DeviceKeys.deviceIdOf(keys)
  const kem = yield* DeviceKeys.kemKeyOf(keys)
  const opened = yield* Effect.forEach(
    yield* KeyWraps.to(calls, deviceId),
    ({ generation, sealed }) =>
      Effect.map(HandOver.unwrap(kem, keys.did!, deviceId, sealed), (one) => ({ generation, ...one }))
  )
  return yield* take(keys, opened, opened.at(-1))
})

/** Opens what was wrapped to the kit: the newest, and older ones as far as they were wrapped to this kit and not to one before it. */
export const fetchByKit = Effect.fn("MasterKeys.fetchByKit")(function*(
  calls: SessionCalls,
  keys: DeviceKeys.DeviceKeys,
  kit: Kit.Kit
) {
  const wraps = yield* KeyWraps.to(calls, null)
  const opened = yield* Effect.forEach(wraps, ({ generation, sealed }, at) => {
    const opening = Effect.map(Kit.unwrap(kit, keys.did!, sealed), (key) => [{ generation, key, at: null }])
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
    const own = yield* forDevice(master, did, yield* DeviceKeys.deviceIdOf(keys), publicKey, keys)
    const kit = keys.kit !== null
      ? [yield* forKit(master, did, keys.kit)]
      : keys.kitWrap !== null
      ? [{ deviceId: null, sealed: keys.kitWrap }]
      : []
    yield* KeyWraps.keep(calls, did, master.generation, [own, ...kit])
    if (keys.kitWrap !== null) yield* KeysChange.to((now) => ({ ...now, kitWrap: null }))
  })

/** A device that does not know the kit's key cannot seal a new master key to it: the kit would open nothing any more. */
export const mayRenew = ({ kit }: DeviceKeys.DeviceKeys, { recovery }: Operation.Statement): boolean =>
  kit !== null || recovery.length === 0

const newestOf = (keys: DeviceKeys.DeviceKeys) =>
  Effect.mapError(
    Effect.fromNullable(DeviceKeys.masterKeyOf(keys)),
    () => new NoMasterKey({ message: "The node keeps no master key for this device." })
  )

/** The newest master key: from what the node keeps for this device, or, where it keeps nothing yet, given to it from here. */
export const settle = Effect.fn("MasterKeys.settle")(function*(calls: SessionCalls, keys: DeviceKeys.DeviceKeys) {
  const isKept = (yield* KeyWraps.to(calls, yield* DeviceKeys.deviceIdOf(keys))).length > 0
  const now = isKept ? yield* fetch(calls, keys) : keys
  const master = yield* newestOf(now)
  if (!isKept) yield* deposit(calls, now, master)
  return master
})

/** Keeps them here, beside what is here by now, and the kit that whoever wrapped the newest knew; one of before is not believed again. */
const take = (
  keys: DeviceKeys.DeviceKeys,
  opened: ReadonlyArray<MasterKey>,
  told: Pick<HandOver.Beside, "kit" | "since"> = { kit: null, since: 0 }
): Effect.Effect<DeviceKeys.DeviceKeys, KeyStoreError, KeyStore> => {
  const to = (now: DeviceKeys.DeviceKeys): DeviceKeys.DeviceKeys => {
    const fresh = opened.filter(({ generation }) => !now.masterKeys.some((one) => one.generation === generation))
      .map(({ at, generation, key }) => ({ generation, key, at }))
    const { kit, since } = told
    const isNews = kit !== null && since >= now.kitSince && (now.kit === null || !bytesEqual(kit, now.kit))
    if (fresh.length === 0 && !isNews) return now
    return {
      ...now,
      ...isNews ? { kit, kitSince: since } : {},
      masterKeys: [...now.masterKeys, ...fresh].toSorted((a, b) => a.generation - b.generation)
    }
  }
  // A device whose keys lie nowhere yet has those it was called with.
  return Effect.flatMap(KeysChange.to(to), (kept) => {
    const made = to(keys)
    return kept === null ? Effect.as(DeviceKeys.keep(made), made) : Effect.succeed(kept)
  })
}

/** Wraps a master key to every device of the log. */
const wrapToDevices = (
  master: MasterKey,
  keys: DeviceKeys.DeviceKeys,
  head: Operation.Statement
): Effect.Effect<
  ReadonlyArray<KeyWraps.Wrap>,
  NodeDoors.NodeAway | NodeRefused | AccountLog.LogNotProven,
  CryptoSuite | HttpClient.HttpClient
> =>
  Effect.gen(function*() {
    const did = keys.did!
    const devices = yield* kemsOf(keys.origin, did, head)
    return yield* Effect.forEach(devices, ({ deviceId, key }) => forDevice(master, did, deviceId, key, keys))
  })

/** Tells every device of the log which kit there is now, with the master key it has. */
export const tellKit = (
  calls: SessionCalls,
  keys: DeviceKeys.DeviceKeys,
  master: MasterKey,
  head: Operation.Statement
) =>
  Effect.flatMap(
    wrapToDevices(master, keys, head),
    (wraps) => KeyWraps.keep(calls, keys.did!, master.generation, wraps)
  )

/** A new master key, for the devices that are in the log now, and for the kit where this device knows it; kept by the node before this device believes in it. */
export const renew = Effect.fn("MasterKeys.renew")(function*(
  calls: SessionCalls,
  keys: DeviceKeys.DeviceKeys,
  { chain, head }: IdentityLog.IdentityLog
) {
  const newest = Math.max(0, ...(yield* KeyWraps.kept(calls)).map(({ generation }) => generation))
  const master = { generation: newest + 1, key: yield* KeyHierarchy.newMasterKey, at: chain.at(-1)!.hash }
  const devices = yield* wrapToDevices(master, keys, head)
  const kit = keys.kit === null ? [] : [yield* forKit(master, keys.did!, keys.kit)]
  const isKept = yield* KeyWraps.keep(calls, keys.did!, master.generation, [...devices, ...kit], { fresh: true }).pipe(
    Effect.as(true),
    // Another device was faster.
    Effect.catchTag("WrapsBehind", () => Effect.succeed(false))
  )
  const now = isKept ? yield* take(keys, [master]) : yield* fetch(calls, keys)
  return { keys: now, master: isKept ? master : yield* newestOf(now) }
})
