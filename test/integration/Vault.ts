/** A user's vault as a client has it: the store key, what is left of it on the node, and the calls. */
import { checkOf } from "@vivim/crypto/vault/KeyRing"
import { randomBytes } from "node:crypto"
import type { NodeProcess } from "../e2e/NodeProcess.ts"
import { type Answer, knock } from "./Company.ts"

export interface Keeper {
  readonly storeKey: Buffer
  readonly enroll: (node: NodeProcess) => Promise<Answer>
  readonly unlock: (node: NodeProcess, storeKey?: Uint8Array) => Promise<Answer>
  readonly lock: (node: NodeProcess) => Promise<Answer>
  readonly state: (node: NodeProcess) => Promise<string>
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url")

/** `as`: the handle of a local account; the node's own unless given. */
export const keeper = (as?: string): Keeper => {
  const storeKey = randomBytes(32)
  return {
    storeKey,
    enroll: (node) => knock(node, "POST", "/vault", { check: text(checkOf(storeKey)) }, as),
    unlock: (node, given = storeKey) => knock(node, "POST", "/vault/unlock", { storeKey: text(given) }, as),
    lock: (node) => knock(node, "POST", "/vault/lock", {}, as),
    state: async (node) => (await knock(node, "GET", "/vault", undefined, as)).body?.state
  }
}
