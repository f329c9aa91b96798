/** The operator's side of a node: its event history, its views, its health. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Did, Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { Course, query, watch } from "./Call.ts"
import { ProcessHealth } from "./Process.ts"
import { NoSuchView, ViewHealth } from "./View.ts"

const Position = Schema.Int.pipe(Schema.nonNegative())

/** Which events; every given part must hold. `types` may end in `.*`. Times are milliseconds, inclusive. */
export const EventQuery = {
  stream: Schema.optional(Schema.String),
  category: Schema.optional(Schema.String),
  owner: Schema.optional(Did),
  types: Schema.optional(Schema.Array(Schema.String)),
  since: Schema.optional(Millis),
  until: Schema.optional(Millis),
  after: Schema.optional(Position),
  upTo: Schema.optional(Position),
  limit: Schema.optional(Schema.Int.pipe(Schema.positive()))
}

/** An event as an operator sees it: header and routing part. The private part stays sealed; its size is told. */
export class EventRecord extends Schema.Class<EventRecord>("EventRecord")({
  position: Schema.Int,
  stream: Schema.String,
  version: Schema.Int,
  id: Schema.String,
  type: Schema.String,
  schemaVersion: Schema.Int,
  owner: Schema.String,
  at: Millis,
  by: Schema.NullOr(Schema.String),
  /** The device, the session or the capability it came through. */
  device: Schema.NullOr(Schema.String),
  commandId: Schema.NullOr(Schema.String),
  /** The event it answers, when a process asked; and the command with which that began. */
  causationId: Schema.NullOr(Schema.String),
  correlationId: Schema.NullOr(Schema.String),
  routing: Schema.Unknown,
  sealedBytes: Schema.Int,
  hash: Schema.String
}) {}

/** A stream folded up to a version; `state` is the actor's own, as JSON. */
export class ReplayedState extends Schema.Class<ReplayedState>("ReplayedState")({
  stream: Schema.String,
  version: Schema.Int,
  position: Schema.Int,
  state: Schema.Unknown
}) {}

/** There is no such stream, or it is not yours to unfold. */
export class NoSuchStream extends Schema.TaggedError<NoSuchStream>()("NoSuchStream", { stream: Schema.String }) {}

/** How far long work is; the last one carries the outcome. */
export class Progress extends Schema.Class<Progress>("Progress")({
  doing: Schema.String,
  done: Schema.Int,
  total: Schema.Int
}) {}

/**
 * What the audit found. `firstBad` names the first thing, by position, that is not as it was written: an event, a tile of the
 * tree, or a signed head.
 */
export class AuditReport extends Schema.TaggedClass<AuditReport>()("AuditReport", {
  events: Schema.Int,
  streams: Schema.Int,
  sound: Schema.Boolean,
  firstBad: Schema.NullOr(Schema.Struct({
    what: Schema.Literal("event", "tree", "head"),
    position: Schema.Int,
    stream: Schema.NullOr(Schema.String),
    version: Schema.NullOr(Schema.Int),
    problem: Schema.String
  })),
  head: Schema.Struct({ position: Schema.Int, digest: Schema.String }),
  /** The tree that was held against the rows, and what was proven with it. */
  tree: Schema.Struct({
    size: Schema.Int,
    root: Schema.String,
    heads: Schema.Int,
    inclusions: Schema.Int,
    consistencies: Schema.Int
  })
}) {}

/** A view rebuilt from the first event into a fresh target, against the one that serves. */
export class ViewComparison extends Schema.TaggedClass<ViewComparison>()("ViewComparison", {
  equal: Schema.Boolean,
  upTo: Schema.Int,
  views: Schema.Array(Schema.Struct({
    view: Schema.String,
    rows: Schema.Int,
    equal: Schema.Boolean,
    differences: Schema.Array(Schema.String)
  }))
}) {}

export class RebuildReport extends Schema.TaggedClass<RebuildReport>()("RebuildReport", {
  view: Schema.String,
  events: Schema.Int,
  position: Schema.Int
}) {}

/** One process of a node: where the others reach it, its shards of the actors, and how long it has not been heard of. */
const ClusterRunner = Schema.Struct({
  address: Schema.String,
  shards: Schema.Int,
  silentMs: Schema.Int,
  atWork: Schema.Boolean
})

export class NodeHealth extends Schema.Class<NodeHealth>("NodeHealth")({
  version: Schema.String,
  startedAt: Millis,
  database: Schema.Struct({ kind: Schema.Literal("embedded", "server"), version: Schema.String, ok: Schema.Boolean }),
  log: Schema.Struct({ position: Schema.Int }),
  views: Schema.Array(ViewHealth),
  processes: Schema.optionalWith(Schema.Array(ProcessHealth), { default: () => [] }),
  /** The processes of a node that has several; null for one that is alone. `self` is the one that tells. */
  cluster: Schema.optionalWith(
    Schema.NullOr(
      Schema.Struct({ self: Schema.String, shards: Schema.Int, runners: Schema.Array(ClusterRunner) })
    ),
    { default: () => null }
  ),
  /** Actors that stand still, as far as this process has met them. */
  quarantined: Schema.Int,
  memoryBytes: Schema.Int,
  ready: Schema.Boolean,
  /** Why it is not ready. */
  problems: Schema.Array(Schema.String),
  /** What is wrong all the same, and no reason to send callers elsewhere. */
  warnings: Schema.Array(Schema.String)
}) {}

const operator = "operator" as const

type EventsAsked = { readonly limit?: number; readonly after?: number }
/** A history is told in parts: what comes after the last one. */
const eventsAfter = (asked: EventsAsked, told: ReadonlyArray<EventRecord>): EventsAsked | null => {
  const after = told.at(-1)?.position ?? asked.after ?? 0
  if (asked.limit === undefined) return { ...asked, after }
  return told.length < asked.limit ? { ...asked, after, limit: asked.limit - told.length } : null
}

export class OperatorViews extends RpcGroup.make(
  watch("ReadEvents", "GET /events", "The event history, filtered; with `follow` it goes on", {
    payload: { ...EventQuery, follow: Schema.optional(Schema.Boolean) },
    success: Schema.Array(EventRecord),
    refusals: Schema.Never,
    needs: operator
  }).annotate(Course, { after: eventsAfter, ends: ({ follow }) => follow !== true }),
  query("ReplayStream", "GET /streams/:kind/:id", "Fold one stream up to a version or position", {
    payload: {
      kind: Schema.String,
      id: Schema.String,
      version: Schema.optional(Position),
      position: Schema.optional(Position)
    },
    success: ReplayedState,
    refusals: NoSuchStream,
    needs: operator
  }),
  watch("CompareViews", "POST /views/compare", "Rebuild every view beside the serving one and compare", {
    payload: {},
    success: Schema.Union(Progress, ViewComparison),
    refusals: Schema.Never,
    needs: operator
  }),
  watch("RebuildView", "POST /views/:view/rebuild", "Build a view anew and swap it in", {
    payload: { view: Schema.String },
    success: Schema.Union(Progress, RebuildReport),
    refusals: NoSuchView,
    needs: operator
  }),
  watch("AuditLog", "POST /audit", "Verify the log, its tree and its signed heads", {
    payload: {},
    success: Schema.Union(Progress, AuditReport),
    refusals: Schema.Never,
    needs: operator
  }),
  watch("WatchNode", "GET /node", "The node's health", {
    payload: {},
    success: NodeHealth,
    refusals: Schema.Never,
    needs: operator
  })
) {}
