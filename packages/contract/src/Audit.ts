/**
 * The audit of a node's log, for its operator: signed tree heads, and proofs that others can check.
 *
 * Hashes of the tree are base64, as in the signed notes; the hash of an event is hexadecimal, as everywhere else.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { query } from "./Call.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())
const Position = Schema.Int.pipe(Schema.positive())
const Hash = Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9+/]{43}=$/))

/** A signed head of the log's tree. `note` is a C2SP signed note that other tools read; `key` the line they know its signer by. */
export class SignedTreeHead extends Schema.Class<SignedTreeHead>("SignedTreeHead")({
  number: Position,
  /** Events of the log it was signed over: positions 1 to `size`. */
  size: Count,
  root: Hash,
  /** When the node says it signed it; the signature does not cover it. */
  at: Millis,
  note: Schema.String,
  key: Schema.String
}) {}

/** That one event is in the log a head was signed over: RFC 9162, 2.1.3. The leaf is SHA-256(0x00 || hash of the event). */
export class InclusionProof extends Schema.Class<InclusionProof>("InclusionProof")({
  position: Position,
  event: Schema.String,
  stream: Schema.String,
  version: Position,
  /** Of the event, 64 hexadecimal digits: the entry of the tree. */
  hash: Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/)),
  path: Schema.Array(Hash),
  head: SignedTreeHead
}) {}

/** That the log one head was signed over continues the log of another: RFC 9162, 2.1.4. */
export class ConsistencyProof extends Schema.Class<ConsistencyProof>("ConsistencyProof")({
  from: SignedTreeHead,
  to: SignedTreeHead,
  path: Schema.Array(Hash)
}) {}

/** There is no tree head with this number. */
export class NoSuchHead extends Schema.TaggedError<NoSuchHead>()("NoSuchHead", { number: Schema.Int }) {}

/** There is no such event, or it lies behind the head. */
export class NoSuchEntry extends Schema.TaggedError<NoSuchEntry>()("NoSuchEntry", { message: Schema.String }) {}

/** The log, its tree and its heads do not agree: `vivim audit` says where. */
export class LogDisagrees extends Schema.TaggedError<LogDisagrees>()("LogDisagrees", { message: Schema.String }) {}

const operator = "operator" as const

export class AuditViews extends RpcGroup.make(
  query("SignTreeHead", "POST /audit/heads", "Sign a head over all that is committed, unless there is one", {
    payload: {},
    success: SignedTreeHead,
    refusals: LogDisagrees,
    needs: operator
  }),
  query("ListTreeHeads", "GET /audit/heads", "Signed tree heads in order; without `after`, the newest one alone", {
    payload: {
      after: Schema.optional(Count),
      limit: Schema.optional(Schema.Int.pipe(Schema.between(1, 1_000)))
    },
    success: Schema.Array(SignedTreeHead),
    refusals: Schema.Never,
    needs: operator
  }),
  query("ProveInclusion", "GET /audit/inclusion", "Prove that an event, by its id or position, is in the signed log", {
    payload: {
      event: Schema.optional(Schema.UUID),
      position: Schema.optional(Position),
      head: Schema.optional(Position)
    },
    success: InclusionProof,
    refusals: Schema.Union(NoSuchHead, NoSuchEntry, LogDisagrees),
    needs: operator
  }),
  query("ProveConsistency", "GET /audit/consistency", "Prove that one head's log continues another's", {
    payload: { from: Position, to: Schema.optional(Position) },
    success: ConsistencyProof,
    refusals: Schema.Union(NoSuchHead, LogDisagrees),
    needs: operator
  })
) {}
