/**
 * A `did:vivim` log, folded: which operations count, and what they make of the account. Pure: the same operations get the same
 * verdicts everywhere, from their own bytes and times alone.
 *
 * L1  An operation counts only when it is signed by a key the operation before it committed to; nothing about it can be changed.
 * L2  A recovery key voids what a lower one stated, within 72 hours of the first operation it takes back, and never after.
 * L3  Time does not run backwards, a key signs once, a device that left does not come back.
 * L4  Two successors of one operation by keys of one rank are a fork: the first stays, the second is told apart from a mistake.
 * L5  Bytes, operations and keys are bounded, and who is robbed still has operations left to take the account back.
 * L6  A node that takes an operation in holds its time against its own clock: nobody dates an operation back to outlive the window.
 */
import { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { bytesEqual } from "../Bytes.ts"
import * as Operation from "./Operation.ts"

/** Part of the suite: two nodes that differ in them would fold one log into two accounts. */
export interface Limits {
  readonly bytesMax: number
  /** Operations that count, and all that were ever stated; recovery keys may state some more of both. */
  readonly operationsMax: number
  readonly statedMax: number
  readonly recoveryReserve: number
  readonly recoveryMax: number
  readonly devicesMax: number
  readonly windowMs: number
}

export const limits: Limits = {
  bytesMax: 8 * 1_024,
  operationsMax: 1_000,
  statedMax: 4_000,
  recoveryReserve: 32,
  recoveryMax: 5,
  devicesMax: 32,
  windowMs: 72 * 3_600_000
}

/** What deciding leans on. `now`: the clock of who takes an operation in, and how far from it `ts` may be; not given when a log is only read. */
export interface Ground {
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  readonly limits?: Limits
  readonly now?: { readonly at: number; readonly skewMs: number }
}

const Hashes = Schema.Array(Schema.Uint8ArrayFromSelf)

/** What must be remembered of an operation that counts. */
const Entry = Schema.Struct({
  hash: Schema.Uint8ArrayFromSelf,
  ts: Schema.Number,
  /** Hash of the key it was signed with, which signs nothing else. */
  spent: Schema.Uint8ArrayFromSelf,
  /** The rank of the key it was signed with, under the operation before it: 0 is the highest recovery key. */
  rank: Schema.Number,
  recovery: Hashes,
  /** The hashes devices committed to, and the devices themselves. */
  devices: Hashes,
  ids: Schema.Array(DeviceId)
})
type Entry = typeof Entry.Type

/** A folded log, as it can be laid down. */
export const IdentityLog = Schema.Struct({
  did: Did,
  /** The operations that count, from the first to the newest. */
  chain: Schema.NonEmptyArray(Entry),
  /** What the newest one says. */
  head: Operation.Statement,
  /** How many were stated, and when the last one was. */
  stated: Schema.Number,
  ts: Schema.Number
})
export type IdentityLog = typeof IdentityLog.Type

export type Reason =
  | "TooLarge"
  | "NotAnOperation"
  | "NotThisAccount"
  | "AlreadyStated"
  | "UnknownPrevious"
  | "KeyNotCommitted"
  | "BadSignature"
  | "BackInTime"
  | "ClockAway"
  | "TooMany"
  | "KeySpent"
  | "DeviceReturns"
  | "Outranked"
  | "WindowOver"
  | "Forked"

/** `after`: the index in the chain of the operation both successors follow. */
export type Refused = { readonly _tag: "Refused"; readonly reason: Reason; readonly after?: number }
export type Verdict =
  | {
    readonly _tag: "Accepted"
    readonly log: IdentityLog
    readonly operation: Operation.Operation
    /** Operations it took back. */
    readonly voided: number
  }
  | Refused

/** All keys of devices have one rank, below every recovery key: a stolen device cannot take back that it was removed. */
const deviceRank = 255

const refused = (reason: Reason, after?: number): Refused =>
  after === undefined ? { _tag: "Refused", reason } : { _tag: "Refused", reason, after }

const has = (hashes: ReadonlyArray<Uint8Array>, hash: Uint8Array) => hashes.some((one) => bytesEqual(one, hash))

/** The rank a key has under an operation; null when that did not commit to it. */
const rankOf = ({ devices, recovery }: Entry, key: Uint8Array): number | null => {
  const hash = Operation.keyHash(key)
  const at = recovery.findIndex((one) => bytesEqual(one, hash))
  return at >= 0 ? at : has(devices, hash) ? deviceRank : null
}

const nextKeys = (operation: Operation.Statement): ReadonlyArray<Uint8Array> =>
  Object.values(operation.devices).flatMap(({ next }) => next === null ? [] : [next])

/** The log with one operation more, after the `at`-th of its chain; whatever followed there counts no more. */
const extend = (
  log: IdentityLog | null,
  at: number,
  bytes: Uint8Array,
  operation: Operation.Operation
): IdentityLog => {
  const before = log?.chain.slice(0, at + 1) ?? []
  const previous = before.at(-1)
  const entry: Entry = {
    hash: Operation.hashOf(bytes),
    ts: operation.ts,
    spent: Operation.keyHash(operation.key),
    rank: previous === undefined ? 0 : rankOf(previous, operation.key) ?? deviceRank,
    recovery: operation.recovery,
    devices: nextKeys(operation),
    ids: [...Operation.devicesOf(operation).keys()]
  }
  return {
    did: log?.did ?? Operation.didOf(Operation.unsigned(operation)),
    chain: [...before, entry] as unknown as IdentityLog["chain"],
    head: Operation.unsigned(operation),
    stated: (log?.stated ?? 0) + 1,
    ts: operation.ts
  }
}

/** Adds an operation that is known to count: one that was accepted before. */
export const restate = (log: IdentityLog | null, bytes: Uint8Array): IdentityLog => {
  const operation = Operation.decode(bytes)
  if (operation === null) throw new Error("not an operation of an account")
  const at = log === null ? -1 : log.chain.findIndex(({ hash }) => bytesEqual(hash, operation.prev ?? new Uint8Array()))
  return extend(log, at, bytes, operation)
}

/** Whether it may stand where it wants to: at the end, or in place of what a lower key stated lately. */
const place = (log: IdentityLog, at: number, rank: number, ts: number, { windowMs }: Limits): Refused | null => {
  const rival = log.chain[at + 1]
  if (rival === undefined) return null
  if (rank === rival.rank) return refused("Forked", at)
  if (rank > rival.rank) return refused("Outranked", at)
  return ts - rival.ts > windowMs ? refused("WindowOver", at) : null
}

const count = (log: IdentityLog, at: number, rank: number, { operationsMax, recoveryReserve, statedMax }: Limits) => {
  const reserve = rank === deviceRank ? 0 : recoveryReserve
  return at + 1 >= operationsMax + reserve || log.stated >= statedMax + reserve ? refused("TooMany") : null
}

/** A key whose hash is committed to must be new: one that signed is known, and one that is there twice has two ranks. */
const fresh = (chain: ReadonlyArray<Entry>, operation: Operation.Operation, limits: Limits): Refused | null => {
  const ids = [...Operation.devicesOf(operation).keys()]
  if (operation.recovery.length > limits.recoveryMax || ids.length > limits.devicesMax) return refused("TooMany")
  const committed = [...operation.recovery, ...nextKeys(operation)]
  const spent = [Operation.keyHash(operation.key), ...chain.map(({ spent }) => spent)]
  const isFresh = committed.every((hash, i) => !has(spent, hash) && !has(committed.slice(i + 1), hash))
  if (!isFresh) return refused("KeySpent")
  const known = new Set(chain.slice(0, -1).flatMap(({ ids }) => ids))
  for (const id of chain.at(-1)?.ids ?? []) known.delete(id)
  return ids.some((id) => known.has(id)) ? refused("DeviceReturns") : null
}

const onTime = (log: IdentityLog | null, { ts }: Operation.Operation, { now }: Ground): Refused | null => {
  if (log !== null && ts < log.ts) return refused("BackInTime")
  return now !== undefined && Math.abs(ts - now.at) > now.skewMs ? refused("ClockAway") : null
}

const begins = (did: Did, operation: Operation.Operation): boolean =>
  operation.seq === 0 && operation.prev === null && Operation.didOf(Operation.unsigned(operation)) === did

/** What is to be said of one more operation. */
export const check = (did: Did, log: IdentityLog | null, bytes: Uint8Array, ground: Ground): Verdict => {
  const bounds = ground.limits ?? limits
  if (bytes.length > bounds.bytesMax) return refused("TooLarge")
  const operation = Operation.decode(bytes)
  if (operation === null) return refused("NotAnOperation")
  if (log === null ? !begins(did, operation) : operation.prev === null) return refused("NotThisAccount")
  const hash = Operation.hashOf(bytes)
  if (log?.chain.some((entry) => bytesEqual(entry.hash, hash)) === true) return refused("AlreadyStated")
  const at = log === null ? -1 : log.chain.findIndex((entry) => bytesEqual(entry.hash, operation.prev!))
  if (log !== null && (at < 0 || operation.seq !== at + 1)) return refused("UnknownPrevious")
  const rank = log === null ? 0 : rankOf(log.chain[at]!, operation.key)
  if (rank === null) return refused("KeyNotCommitted")
  if (!ground.verify(operation.key, Operation.messageOf(Operation.unsigned(operation)), operation.sig)) {
    return refused("BadSignature")
  }
  const wrong = (log === null ? null : place(log, at, rank, operation.ts, bounds) ?? count(log, at, rank, bounds)) ??
    onTime(log, operation, ground) ?? fresh(log?.chain.slice(0, at + 1) ?? [], operation, bounds)
  if (wrong !== null) return wrong
  const voided = log === null ? 0 : log.chain.length - 1 - at
  return { _tag: "Accepted", log: extend(log, at, bytes, operation), operation, voided }
}

export interface Folded {
  /** Null when not even the first operation counts. */
  readonly log: IdentityLog | null
  readonly verdicts: ReadonlyArray<Verdict>
}

/** A verdict for each operation, in the order they were stated in; those that are refused change nothing. */
export const fold = (did: Did, operations: Iterable<Uint8Array>, ground: Ground): Folded => {
  let log: IdentityLog | null = null
  const verdicts: Array<Verdict> = []
  for (const bytes of operations) {
    const verdict = check(did, log, bytes, ground)
    if (verdict._tag === "Accepted") log = verdict.log
    verdicts.push(verdict)
  }
  return { log, verdicts }
}
