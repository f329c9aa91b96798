/** The archive of a node's log, for its operator: which old ranges lie in sealed segments, and moving them there and back. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { query, watch } from "./Call.ts"
import { Progress } from "./Operator.ts"

const Position = Schema.Int.pipe(Schema.positive())
const Count = Schema.Int.pipe(Schema.nonNegative())

/** Positions `first` to `last` of the log, in one segment of so many bytes. */
const range = { first: Position, last: Position, bytes: Count }

/** A range whose events lie in a segment. `trouble` says why it cannot be read, or is null. */
export class ArchivedSegment extends Schema.Class<ArchivedSegment>("ArchivedSegment")({
  ...range,
  name: Schema.String,
  archivedAt: Millis,
  trouble: Schema.NullOr(Schema.String)
}) {}

/**
 * What was archived, or would be: then `bytes` is what the events carry now, and `head` is null. Else `head` is the number of the
 * signed tree head that vouches for every event that left.
 */
export class ArchiveReport extends Schema.TaggedClass<ArchiveReport>()("ArchiveReport", {
  dryRun: Schema.Boolean,
  events: Count,
  bytes: Count,
  segments: Schema.Array(Schema.Struct(range)),
  head: Schema.NullOr(Position)
}) {}

export class RestoreReport extends Schema.TaggedClass<RestoreReport>()("RestoreReport", range) {}

/** It cannot be archived or restored, and nothing was changed by the attempt; the message says why. */
export class ArchiveRefused extends Schema.TaggedError<ArchiveRefused>()("ArchiveRefused", {
  message: Schema.String
}) {}

const operator = "operator" as const

export class ArchiveViews extends RpcGroup.make(
  query("ListSegments", "GET /archive", "The archived ranges of the log, each looked at", {
    payload: {},
    success: Schema.Array(ArchivedSegment),
    refusals: ArchiveRefused,
    needs: operator
  }),
  watch("ArchiveLog", "POST /archive", "Archive the events before a position, or older than a time", {
    payload: {
      position: Schema.optional(Position),
      at: Schema.optional(Millis),
      dryRun: Schema.optional(Schema.Boolean)
    },
    success: Schema.Union(Progress, ArchiveReport),
    refusals: ArchiveRefused,
    needs: operator
  }),
  watch("RestoreSegment", "POST /archive/restore", "Put the segment that begins with a position back into the table", {
    payload: { first: Position },
    success: Schema.Union(Progress, RestoreReport),
    refusals: ArchiveRefused,
    needs: operator
  })
) {}
