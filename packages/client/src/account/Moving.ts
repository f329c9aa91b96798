/**
 * An account that comes to another node, with what its file and its kit hold: the old node is not asked, and may be dead.
 *
 * Whoever has the file and the kit has the account at the new node, on a device that is its only one; its log says that it is there. A file of
 * another account, a log that proves nothing and a kit of another are refused before the new node hears of anything. Shown on two real nodes:
 * test/e2e, moving.
 */
import type { FileIdentity } from "@vivim/contract/AccountFile"
import { bytesEqual } from "@vivim/crypto/Bytes"
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { NodeSession, type Opening } from "../NodeSession.ts"
import * as AccountLog from "./AccountLog.ts"
import * as Kit from "./Kit.ts"
import * as NewAccount from "./NewAccount.ts"
import * as NodeDoors from "./NodeDoors.ts"
import * as Recovery from "./Recovery.ts"

export interface Leaving {
  readonly identity: Pick<FileIdentity, "did" | "operations" | "kemKeys">
  readonly kit: Redacted.Redacted<string>
  /** That kit holds from then on; not given: the one that was typed, with its next key. */
  readonly fresh?: Kit.NewKit
}

/** An account that is about to be at another node: nobody has heard of it yet. */
export interface Prepared extends NewAccount.Prepared {
  readonly after: NonNullable<Opening["after"]>
}

/** The operations with the keys they name, each at the first that names it. */
const statements = ({ kemKeys, operations }: Leaving["identity"]): ReadonlyArray<Prepared["genesis"]> => {
  const left = new Set(kemKeys)
  return operations.map((operation) => {
    const named = [...Operation.devicesOf(Operation.decode(operation) ?? { devices: {} }).values()]
    const own = [...left].filter((key) => named.some(({ kem }) => bytesEqual(kem, Operation.hashOf(key))))
    for (const key of own) left.delete(key)
    return { operation, kemKeys: own }
  })
}

/** Proves the log, and states in it, with the kit, that the account is at the session's node, on this device alone. */
export const prepare = Effect.fn("Moving.prepare")(function*({ fresh, identity, kit: typed }: Leaving) {
  const { origin } = yield* NodeSession
  const read = yield* AccountLog.proven(identity.did, identity.operations)
  const { did, keys: made, kit, seq, turn } = yield* Recovery.findIn(read, { origin, kit: typed })
  const holding = fresh ?? kit
  const { device, deviceId, kemKey } = yield* AccountLog.listed(made)
  const services = { ...read.log.head.services, pds: { type: "VivimPds", endpoint: origin } }
  const next = fresh === undefined ? turn.next : yield* Kit.hash(fresh)
  const operation = yield* AccountLog.next(read, seq, { ...turn, next }, { devices: { [deviceId]: device }, services })
  const masterKeys = [{ generation: 1, key: yield* KeyHierarchy.newMasterKey, at: Operation.hashOf(operation) }]
  const [genesis, ...others] = statements(identity)
  return {
    did,
    kit: fresh?.printed ?? typed,
    keys: { ...made, kit: holding.kem.publicKey, masterKeys },
    // A log that proves an account has a beginning.
    genesis: genesis!,
    after: [...others, { operation, kemKeys: [kemKey] }]
  } satisfies Prepared
})

/** Has the session's node take the account in. May be tried again with another handle. */
export const open = ({ after, ...prepared }: Prepared, wanted: Omit<NewAccount.Wanted, "after">) =>
  NewAccount.open(prepared, { ...wanted, after })

/** Tells a node where the account was before, if it lives: it lets the old devices go, and its log says where the account is. */
export const tell = (origin: string, { after, did }: Prepared) => NodeDoors.state(origin, did, after.at(-1)!)
