/** A user's vault as a client has it: the store key, what is left of it on the node, and the calls. */
import { checkOf, KeyRing, secretsOf } from "@vivim/crypto/vault/KeyRing"
import type { BackupRecord } from "@vivim/node/BackupFormat"
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

/** The keys of a backup's one vault, as who has its first store key opens them. */
export const ringOf = (storeKey: Uint8Array, records: ReadonlyArray<BackupRecord>): KeyRing => {
  const keys = records.flatMap((record) =>
    record.kind === "key"
      ? [{ ...record, under: record.under ?? 1, wrapped: record.wrapped.length === 0 ? null : record.wrapped }]
      : []
  )
  return new KeyRing(secretsOf(storeKey, 1), { owner: keys[0]!.owner, generation: 1, bridge: null }, keys, 0)
}
