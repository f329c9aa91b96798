/**
 * An account's log as a device works on it: fetched from a node and believed for what it proves, and brought one operation further.
 *
 * L1  What a node shows is folded here, and held against what this device has seen of it: one that shows another account, leaves something
 *     out, or tells another history is found out.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { bytesEqual } from "@vivim/crypto/Bytes"
import { CryptoSuite, type Signer, SuiteV1 } from "@vivim/crypto/CryptoSuite"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import type { Did } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { NodeRefused } from "../NodeRefused.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import type { KeyStore, KeyStoreError } from "./KeyStore.ts"
import * as NodeDoors from "./NodeDoors.ts"
import * as RotationChain from "./RotationChain.ts"
import * as SeenLog from "./SeenLog.ts"

/** The log a node shows proves nothing, or not this account. */
export class LogNotProven extends Schema.TaggedError<LogNotProven>()("LogNotProven", { message: Schema.String }) {}

export interface Read extends SeenLog.Shown {
  readonly did: Did
}

/** What operations prove of an account, whoever shows them. */
export const proven = (did: Did, operations: ReadonlyArray<Uint8Array>): Effect.Effect<Read, LogNotProven> => {
  const { log, verdicts } = IdentityLog.fold(did, operations, { verify: Ed25519.verify })
  const isWhole = verdicts.every(({ _tag }) => _tag === "Accepted")
  return log === null || !isWhole
    ? Effect.fail(new LogNotProven({ message: "The log that is shown does not prove this account." }))
    : Effect.succeed({ did, log, operations })
}
/** Of the account with a DID, or with a handle (`@ada`): which DID that is, the node says. */
export const read = (
  origin: string,
  who: string
): Effect.Effect<
  Read,
  NodeRefused | NodeDoors.NodeAway | LogNotProven | SeenLog.LogParts | KeyStoreError,
  HttpClient.HttpClient | KeyStore
> =>
  Effect.gen(function*() {
    // Looked up before the node is asked: what is seen meanwhile is no part of its answer.
    const known = who.startsWith("@") ? undefined : yield* SeenLog.read(who as Did)
    const { did, operations } = yield* NodeDoors.log(origin, who)
    if (known !== undefined && did !== who) {
      return yield* new LogNotProven({ message: "The node shows the log of another account." })
    }
    const { log } = yield* proven(did, operations)
    return { did, ...yield* SeenLog.check(did, known ?? (yield* SeenLog.read(did)), { log, operations }) }
  })

/** The operation that stands at a place of the log. */
export const operationAt = ({ log, operations }: Read, seq: number): Operation.Operation | null => {
  const entry = log.chain[seq]
  const bytes = operations.find((one) => entry !== undefined && bytesEqual(Operation.hashOf(one), entry.hash))
  return bytes === undefined ? null : Operation.decode(bytes)
}

/** Keys are looked for in a chain as far as they can have been used: once for each operation. */
export const turnsMax = ({ log }: Read): number => log.stated + 2

export const sign = (
  statement: Operation.Statement,
  signer: Signer
): Effect.Effect<Uint8Array> =>
  Effect.map(signer.sign(Operation.messageOf(statement)), (sig) => Operation.signed(statement, sig))

/** What an account is after an operation, as far as it is to be another. */
export type Change = Partial<Pick<Operation.Statement, "aka" | "devices" | "recovery" | "services">>

/** The next operation after the one at `seq`, signed by whose turn it is: its key is spent, and the next of its chain committed to. */
export const next = (
  from: Read,
  seq: number,
  { hash, next, signer }: RotationChain.Turn,
  change: Change
): Effect.Effect<Uint8Array, LogNotProven> =>
  Effect.gen(function*() {
    const before = operationAt(from, seq)
    if (before === null) return yield* new LogNotProven({ message: "There is no such operation in the log." })
    const { aka, devices, recovery, services } = { ...before, ...change }
    const renew = (one: Uint8Array) => bytesEqual(one, hash) ? next : one
    const now = yield* Clock.currentTimeMillis
    return yield* sign({
      v: SuiteV1,
      seq: seq + 1,
      prev: from.log.chain[seq]!.hash,
      key: signer.publicKey,
      devices: Object.fromEntries(
        Object.entries(devices).map(([id, one]) => [id, { ...one, next: one.next === null ? null : renew(one.next) }])
      ),
      recovery: recovery.map(renew),
      services,
      aka,
      // A clock that is a little slow must not keep an operation out.
      ts: Math.max(now, from.log.ts)
    }, signer)
  })

/** SHA-256 of a key that is linked to by hash. */
export const kemHash = (key: Uint8Array): Effect.Effect<Uint8Array, never, CryptoSuite> =>
  Effect.flatMap(CryptoSuite, ({ sha256 }) => sha256(key))

/** A device as an operation names it, and its public key. */
export const listed = (keys: DeviceKeys.DeviceKeys) =>
  Effect.gen(function*() {
    const { publicKey } = yield* DeviceKeys.kemKeyOf(keys)
    return {
      deviceId: yield* DeviceKeys.deviceIdOf(keys),
      kemKey: publicKey,
      device: { kem: yield* kemHash(publicKey), next: yield* RotationChain.hash(keys.rotation, 0) }
    }
  })
