/**
 * Proof that an account's log was forked: two signed operations that follow the same one, and the log up to there. Whoever holds
 * it can check it alone.
 *
 * F1  Where two logs of one account part, the proof can be made; where they do not, it cannot.
 * F2  A proof is judged from its own bytes: of anything changed, left out or made up nothing is proven.
 *
 * `equivocation`: one key signed both. `race`: two devices did, at the same time or in bad faith. `late`: a recovery key came after
 * its window. That a recovery key voids what a lower one stated is the law of the log, and proves nothing.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { Did } from "@vivim/event-schemas/ids"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { bytesEqual, hex } from "../Bytes.ts"
import { SuiteV1 } from "../CryptoSuite.ts"
import * as StrictCbor from "../StrictCbor.ts"
import * as IdentityLog from "./IdentityLog.ts"
import * as Operation from "./Operation.ts"

const Proof = Schema.Struct({
  v: Schema.Literal(SuiteV1),
  /** The operations that count, from the first to the one that both follow. */
  log: Schema.Array(Schema.Uint8ArrayFromSelf),
  kept: Schema.Uint8ArrayFromSelf,
  rival: Schema.Uint8ArrayFromSelf
})
export type Proof = typeof Proof.Type

export interface Judgement {
  readonly did: Did
  /** How many operations the two have in common. */
  readonly seq: number
  readonly kind: "equivocation" | "race" | "late"
}

/** The proof that an operation forks a log; null when it does not. */
export const against = (
  did: Did,
  operations: ReadonlyArray<Uint8Array>,
  rival: Uint8Array,
  ground: IdentityLog.Ground
): Proof | null => between(did, operations, [rival], ground)

/** Where two logs of one account part. Ours is folded once. */
export const between = (
  did: Did,
  ours: ReadonlyArray<Uint8Array>,
  theirs: ReadonlyArray<Uint8Array>,
  ground: IdentityLog.Ground
): Proof | null => {
  const { log } = IdentityLog.fold(did, ours, ground)
  if (log === null) return null
  for (const rival of theirs) {
    const verdict = IdentityLog.check(did, log, rival, ground)
    const { after, reason } = verdict._tag === "Refused" ? verdict : { after: undefined, reason: undefined }
    if (after === undefined || (reason !== "Forked" && reason !== "WindowOver")) continue
    const byHash = new Map(ours.map((bytes) => [hex(Operation.hashOf(bytes)), bytes]))
    const [kept, ...past] = log.chain.slice(0, after + 2).map(({ hash }) => byHash.get(hex(hash))!).toReversed()
    return { v: SuiteV1, log: past.toReversed(), kept: kept!, rival }
  }
  return null
}

export const encode = (proof: Proof): Uint8Array => Canonical.encode(proof)

/** What a proof proves; null when it proves nothing. */
export const judge = (bytes: Uint8Array, ground: IdentityLog.Ground): Judgement | null => {
  const proof = decode(bytes)
  const first = proof?.log[0] === undefined ? null : Operation.decode(proof.log[0])
  if (proof === null || first === null) return null
  const did = Operation.didOf(Operation.unsigned(first))
  const { log, verdicts } = IdentityLog.fold(did, [...proof.log, proof.kept], ground)
  // Only what counts belongs in it: an operation that was refused or voided would make two proofs of one fork.
  if (log === null || log.chain.length !== verdicts.length) return null
  const verdict = IdentityLog.check(did, log, proof.rival, ground)
  if (verdict._tag !== "Refused" || verdict.after !== log.chain.length - 2) return null
  const [kept, rival] = [Operation.decode(proof.kept)!, Operation.decode(proof.rival)!]
  if (verdict.reason === "WindowOver") return { did, seq: rival.seq, kind: "late" }
  if (verdict.reason !== "Forked") return null
  return { did, seq: rival.seq, kind: bytesEqual(kept.key, rival.key) ? "equivocation" : "race" }
}

const read = Schema.decodeUnknownEither(Proof, { onExcessProperty: "error" })
/** A whole log of the largest operations fits. */
const limits = { ...StrictCbor.limits, bytesMax: 16 * 1_048_576 }
const decode = (bytes: Uint8Array): Proof | null =>
  Either.getOrNull(Either.flatMap(StrictCbor.decode(bytes, limits), (value) => read(value)))
