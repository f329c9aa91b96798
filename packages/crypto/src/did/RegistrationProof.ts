/**
 * What opens an account on a node: a device of the account's first operation signs for this node, this handle, now. The operation
 * alone would not do, for it is public: anyone could open the account elsewhere, under a name of their choice.
 *
 * T1  It holds for one account, node, handle, name and time; nobody but a device of the first operation can make it.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as DidKey from "../DidKey.ts"
import * as SignedBytes from "../SignedBytes.ts"
import type { Ground } from "./IdentityLog.ts"
import * as Operation from "./Operation.ts"

export interface Asked {
  /** The node's DID, as its `/.well-known/did.json` says. */
  readonly node: string
  readonly userId: string
  readonly handle: string
  readonly displayName: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The bytes a device signs. */
export const messageOf = ({ at, displayName, handle, node, userId }: Asked): Uint8Array =>
  SignedBytes.message("vivim/registration", sha256(Canonical.encode({ at, displayName, handle, node, userId })))

/** Whether a device that the first operation names signed it. */
export const holds = (asked: Asked, genesis: Uint8Array, proof: Uint8Array, verify: Ground["verify"]): boolean => {
  const operation = Operation.decode(genesis)
  if (operation === null) return false
  const message = messageOf(asked)
  return [...Operation.devicesOf(operation).keys()].some((id) => verify(DidKey.publicKeyOf(id)!, message, proof))
}
