/**
 * What operations of its log make of an account.
 *
 * A1  An operation counts by the law of the log alone, whoever brings it; its devices are the account's devices from then on.
 * A2  A device comes with the very key whose hash the operation names.
 * A4  A log from another node counts as a whole or not at all: what was stated long ago by its own times, the last operation by the node's clock.
 * A3  A second successor is kept as evidence: so many for one account, and not one twice.
 */
import * as Actor from "@vivim/actor/Actor"
import { OperationRefused } from "@vivim/contract/Identity"
import * as Bytes from "@vivim/crypto/Bytes"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import type * as Event from "@vivim/event-schemas/Event"
import type { ContentHash, DeviceId, Did } from "@vivim/event-schemas/ids"
import { LogForked, OperationStated } from "@vivim/event-schemas/user/index"
import type { UserState } from "./UserState.ts"

/** What deciding on operations leans on. */
export interface Law {
  readonly verify: IdentityLog.Ground["verify"]
  /** How far an operation's time may be from the node's. */
  readonly skewMsMax: number
  /** Second successors kept of one account. */
  readonly forksMax: number
}

interface Given {
  readonly operation: Uint8Array
  readonly kemKeys: ReadonlyArray<Uint8Array>
}

/** In hexadecimal, as events name things by their hash. */
export const hex = (bytes: Uint8Array): ContentHash => Bytes.hex(bytes) as ContentHash

type Kems = ReadonlyMap<DeviceId, ContentHash>
const kemsOf = (head: Operation.Statement | undefined): Kems =>
  new Map(head === undefined ? [] : [...Operation.devicesOf(head)].map(([id, { kem }]) => [id, hex(kem)]))

const listed = (kems: Kems, which: (id: DeviceId, kem: ContentHash) => boolean) =>
  [...kems].filter(([id, kem]) => which(id, kem)).map(([deviceId, kem]) => ({ deviceId, kem }))

const stated = (userId: Did, before: IdentityLog.IdentityLog | null, after: IdentityLog.IdentityLog, given: Given) => {
  const [old, now] = [kemsOf(before?.head), kemsOf(after.head)]
  return {
    userId,
    seq: after.chain.length - 1,
    operation: given.operation,
    hash: hex(after.chain.at(-1)!.hash),
    voided: (before?.chain.length ?? 0) + 1 - after.chain.length,
    added: listed(now, (id) => !old.has(id)),
    rekeyed: listed(now, (id, kem) => old.has(id) && old.get(id) !== kem),
    removed: [...old.keys()].filter((id) => !now.has(id)),
    kemKeys: given.kemKeys.map((key) => ({ kem: hex(Operation.hashOf(key)), key })),
    closed: now.size === 0 && after.head.recovery.length === 0
  }
}

/** The evidence, unless it is there already or there is enough. */
const forked = ({ forks, log }: UserState, userId: Did, after: number, rival: Uint8Array, { forksMax }: Law) => {
  const kept = log?.chain[after + 1]
  return kept === undefined || forks.length >= forksMax || forks.includes(hex(Operation.hashOf(rival)))
    ? Actor.refuse(new OperationRefused({ userId, reason: "Forked" }))
    : Actor.accept(LogForked({ userId, seq: after + 1, kept: hex(kept.hash), rival }))
}

/** What becomes of an operation. */
export const state = (state: UserState, userId: Did, given: Given, at: number, law: Law) => {
  const refuse = (reason: string) => Actor.refuse(new OperationRefused({ userId, reason }))
  if (state.open && state.log === null) return refuse("NoLog")
  const now = { at, skewMs: law.skewMsMax }
  const verdict = IdentityLog.check(userId, state.log, given.operation, { verify: law.verify, now })
  if (verdict._tag === "Refused") {
    const { after, reason } = verdict
    return reason === "Forked" && after !== undefined
      ? forked(state, userId, after, given.operation, law)
      : refuse(reason)
  }
  const event = stated(userId, state.log, verdict.log, given)
  const wanted = new Set([...event.added, ...event.rekeyed].map(({ kem }) => kem))
  const brought = new Set(event.kemKeys.map(({ kem }) => kem))
  const isWhole = wanted.size === brought.size && [...wanted].every((kem) => brought.has(kem))
  return isWhole ? Actor.accept(OperationStated(event)) : refuse("KeysMissing")
}

const refuse = (userId: Did, reason: string) => Actor.refuse(new OperationRefused({ userId, reason }))

/** The hashes of the keys an operation names. */
const namedBy = (operation: Uint8Array) => new Set([...kemsOf(Operation.decode(operation) ?? undefined).values()])

/** What becomes of a log that comes here whole. Keys of devices that left long ago need not come with it. */
export const arrive = (userId: Did, all: ReadonlyArray<Given>, at: number, law: Law) => {
  let log: IdentityLog.IdentityLog | null = null
  const events: Array<ReturnType<typeof OperationStated>> = []
  for (const [index, given] of all.entries()) {
    const now = index === all.length - 1 ? { now: { at, skewMs: law.skewMsMax } } : {}
    const verdict: IdentityLog.Verdict = IdentityLog.check(userId, log, given.operation, { verify: law.verify, ...now })
    if (verdict._tag === "Refused") return refuse(userId, verdict.reason)
    const event = stated(userId, log, verdict.log, given)
    const named = namedBy(given.operation)
    if (event.kemKeys.some(({ kem }) => !named.has(kem))) return refuse(userId, "KeysMissing")
    events.push(OperationStated(event))
    log = verdict.log
  }
  const brought = new Set(events.flatMap(({ kemKeys }) => kemKeys.map(({ kem }) => kem)))
  const isWhole = [...kemsOf(log?.head).values()].every((kem) => brought.has(kem))
  return isWhole ? Actor.accept(...events as [typeof events[number]]) : refuse(userId, "KeysMissing")
}

/** A second successor is remembered by its hash. */
export const remember = (before: UserState, { rival }: { readonly rival: Uint8Array }): UserState => ({
  ...before,
  forks: [...before.forks, hex(Operation.hashOf(rival))]
})

/** The account after one of its operations. */
export const evolve = (
  before: UserState,
  { added, operation, removed }: Event.Routing<typeof OperationStated>
): UserState => {
  const devices = new Map(before.devices)
  for (const { deviceId } of added) devices.set(deviceId, "active")
  for (const deviceId of removed) devices.set(deviceId, "revoked")
  return { ...before, devices, log: IdentityLog.restate(before.log, operation) }
}
