/** The node's audit: its key beside the node's own, and the log's tree in the node's database. */
import * as AuditLog from "@vivim/audit/AuditLog"
import { AuditStore } from "@vivim/audit/AuditStore"
import * as SigningKey from "@vivim/crypto/SigningKey"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Folders } from "./Folders.ts"
import * as KeyMark from "./KeyMark.ts"

/** A new key is made only where no head was signed: another one could not vouch for them. */
export const layer = (
  at: Pick<Folders, "auditKey" | "auditHead">,
  times: Pick<AuditLog.Options, "headEvery" | "togetherMax">
) =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const store = yield* AuditStore
    const key = yield* SigningKey.open(at.auditKey, (yield* store.newestHead) === null)
    yield* KeyMark.checkAudit(key.publicKey, at.auditKey)
    return AuditLog.layer({ key, headFile: at.auditHead, ...times })
  }))
