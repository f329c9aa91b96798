/** Examples of logs: accounts made from nothing but names, for tests. The same names give the same keys, and so the same bytes. */
import { sha256 } from "@noble/hashes/sha2.js"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import { hex } from "../Bytes.ts"
import { SuiteV1 } from "../CryptoSuite.ts"
import * as DidKey from "../DidKey.ts"
import * as SigningKey from "../SigningKey.ts"
import * as Operation from "./Operation.ts"

const seedOf = (name: string) => sha256(new TextEncoder().encode(name))
/** Where a holder's chain of keys is looked through for one. */
const KeysMax = 64

/** Somebody who can sign operations: a kit or a device, with a chain of keys of which each signs once. */
export interface Holder {
  readonly name: string
  readonly key: (n: number) => SigningKey.SigningKey
  readonly hash: (n: number) => Uint8Array
  /** The device this is, if it is one, and what that signs with. */
  readonly deviceId: DeviceId
  readonly identity: SigningKey.SigningKey
  readonly kem: Uint8Array
}

export const holder = (name: string): Holder => {
  const keys = new Map<number, SigningKey.SigningKey>()
  const key = (n: number) => {
    const made = keys.get(n) ?? SigningKey.fromSeed(seedOf(`${name}/rotation/${n}`))
    keys.set(n, made)
    return made
  }
  const identity = SigningKey.fromSeed(seedOf(`${name}/device`))
  return {
    name,
    key,
    identity,
    hash: (n) => Operation.keyHash(key(n).publicKey),
    deviceId: DidKey.deviceId(identity.publicKey),
    kem: seedOf(`${name}/kem`)
  }
}

/** Which key of its chain a holder signs with after an operation; null when none. */
export const turn = (holder: Holder, after: Operation.Statement): number | null => {
  const committed = new Set(
    [...after.recovery, ...Object.values(after.devices).flatMap(({ next }) => next === null ? [] : [next])].map(hex)
  )
  for (let n = 0; n < KeysMax; n++) if (committed.has(hex(holder.hash(n)))) return n
  return null
}

export const sign = (statement: Operation.Statement, key: SigningKey.SigningKey): Uint8Array =>
  Operation.signed(statement, key.sign(Operation.messageOf(statement)))

export const device = (holder: Holder, n: number): Operation.Statement["devices"] => ({
  [holder.deviceId]: { kem: holder.kem, next: holder.hash(n) }
})

/** The first operation of an account with these recovery keys and one device, which signs it. */
export const genesis = (
  recovery: ReadonlyArray<Holder>,
  first: Holder,
  ts: number
): { readonly did: Did; readonly bytes: Uint8Array } => {
  const statement: Operation.Statement = {
    v: SuiteV1,
    seq: 0,
    prev: null,
    key: first.key(0).publicKey,
    devices: device(first, 1),
    recovery: recovery.map((one) => one.hash(0)),
    services: {},
    aka: [],
    ts
  }
  return { did: Operation.didOf(statement), bytes: sign(statement, first.key(0)) }
}

/** What a holder states after an operation: its own key rotated, and the change. */
export const next = (
  previous: Uint8Array,
  by: Holder,
  ts: number,
  change: Partial<Operation.Statement> = {}
): Uint8Array => {
  const before = Operation.unsigned(Operation.decode(previous)!)
  const n = turn(by, before) ?? 0
  const spent = hex(by.hash(n))
  const renew = (hash: Uint8Array) => hex(hash) === spent ? by.hash(n + 1) : hash
  const after = { ...before, ...change }
  const statement: Operation.Statement = {
    ...after,
    seq: before.seq + 1,
    prev: Operation.hashOf(previous),
    key: by.key(n).publicKey,
    devices: Object.fromEntries(
      Object.entries(after.devices).map(([id, { kem, next }]) => [id, { kem, next: next && renew(next) }])
    ),
    recovery: after.recovery.map(renew),
    ts
  }
  return sign(statement, by.key(n))
}

/** The operation without one device. */
export const without = (previous: Uint8Array, { deviceId }: Holder): Operation.Statement["devices"] =>
  Object.fromEntries(Object.entries(Operation.decode(previous)!.devices).filter(([id]) => id !== deviceId))
