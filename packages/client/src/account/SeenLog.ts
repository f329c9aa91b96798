/**
 * What this device has seen of an account's log, kept beside its keys: how long it was, its newest operation, and all before it. A node can
 * show one history to one and another to others; to who has seen one it cannot.
 *
 * N1  A log that goes on from what was seen is taken, and seen from then on; that a recovery key takes something back is going on.
 * N2  One that ends before what was seen, or leaves it out, is refused.
 * N3  One that parts from what was seen is refused, and the proof of the fork kept: whoever holds it can judge it alone.
 */
import { bytesEqual, hex } from "@vivim/crypto/Bytes"
import * as Fork from "@vivim/crypto/did/Fork"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { KeyStore, KeyStoreError } from "./KeyStore.ts"

/** What the node shows does not go on from what this device has seen. `isForked`: there is a proof of it (`forkOf`). */
export class LogParts extends Schema.TaggedError<LogParts>()("LogParts", {
  did: Schema.String,
  isForked: Schema.Boolean,
  message: Schema.String
}) {}

export interface Shown {
  readonly log: IdentityLog.IdentityLog
  readonly operations: ReadonlyArray<Uint8Array>
}

const Seen = Schema.Struct({
  v: Schema.Literal(1),
  /** Operations that count, and the hash of the newest. */
  length: Schema.Int,
  newest: Schema.Uint8ArrayFromSelf,
  /** Everything that was stated: a fork is proven from both sides of it. */
  operations: Schema.Array(Schema.Uint8ArrayFromSelf)
})
type Seen = typeof Seen.Type

const ground: IdentityLog.Ground = { verify: Ed25519.verify }
/** A whole log of the largest operations fits. */
const limits = { ...StrictCbor.limits, bytesMax: 64 * 1_048_576 }

const nameOf = (did: Did) => `log/${did}`
const forkName = (did: Did) => `fork/${did}`

/** Null where nothing was seen yet. */
export const read = (did: Did): Effect.Effect<Seen | null, KeyStoreError, KeyStore> =>
  Effect.gen(function*() {
    const kept = yield* Effect.flatMap(KeyStore, ({ read }) => read(nameOf(did)))
    if (kept === null) return null
    return yield* StrictCbor.decode(Redacted.value(kept.secret), limits).pipe(
      Effect.flatMap(Schema.decodeUnknown(Seen)),
      Effect.mapError(() => new KeyStoreError({ message: "What this device has seen of the account cannot be read." }))
    )
  })

const forked =
  "This node tells another history of the account than it told this device before: its log was forked. It is not believed, and the proof is kept."
const cut =
  "This node leaves out what this device has seen of the account: it was set back to an older copy, or hides what is newest. It is not believed."

const headOf = ({ chain }: IdentityLog.IdentityLog) => chain.at(-1)!.hash

/** What was seen with what is shown, as far as the one goes on from the other; null when it does not. */
const merged = (did: Did, seen: Seen, { log, operations }: Shown): Shown | null => {
  const known = new Set(seen.operations.map((bytes) => hex(Operation.hashOf(bytes))))
  const all = [...seen.operations, ...operations.filter((bytes) => !known.has(hex(Operation.hashOf(bytes))))]
  const folded = IdentityLog.fold(did, all, ground)
  const isWhole = folded.log !== null && folded.verdicts.every(({ _tag }) => _tag === "Accepted")
  return isWhole && bytesEqual(headOf(folded.log!), headOf(log)) ? { log: folded.log!, operations: all } : null
}

/** Holds what is shown against what was seen; answers both together. */
export const check = (
  did: Did,
  seen: Seen | null,
  shown: Shown
): Effect.Effect<Shown, LogParts | KeyStoreError, KeyStore> =>
  Effect.gen(function*() {
    const { write } = yield* KeyStore
    const now = seen === null ? shown : merged(did, seen, shown)
    if (now !== null) {
      // Never back: another answer may have come, and been kept, in between.
      const kept = yield* read(did)
      if (kept === null || kept.operations.length < now.operations.length) yield* keep(did, now)
      return now
    }
    const proof = Fork.between(did, seen!.operations, shown.operations, ground)
    if (proof !== null) yield* write(forkName(did), Redacted.make(Fork.encode(proof)))
    return yield* new LogParts({ did, isForked: proof !== null, message: proof === null ? cut : forked })
  })

const keep = (did: Did, { log, operations }: Shown) => {
  const seen: Seen = { v: 1, length: log.chain.length, newest: headOf(log), operations }
  return Effect.flatMap(KeyStore, ({ write }) => write(nameOf(did), Redacted.make(Canonical.encode(seen))))
}

/** A fork of an account's log that this device has seen: the proof, and what it proves. Null where it has seen none. */
export const forkOf = (
  did: Did
): Effect.Effect<
  { readonly proof: Uint8Array; readonly judgement: Fork.Judgement } | null,
  KeyStoreError,
  KeyStore
> =>
  Effect.gen(function*() {
    const kept = yield* Effect.flatMap(KeyStore, ({ read }) => read(forkName(did)))
    if (kept === null) return null
    const proof = Redacted.value(kept.secret)
    const judgement = Fork.judge(proof, ground)
    return judgement === null ? null : { proof, judgement }
  })
