/** How an event store can say no, or fail. */
import * as Schema from "effect/Schema"

/** Someone else wrote to the stream first: `actual` is where it stands now. */
export class StreamMoved extends Schema.TaggedError<StreamMoved>()("StreamMoved", {
  stream: Schema.String,
  expected: Schema.Union(Schema.Int, Schema.Literal("any", "exists")),
  actual: Schema.Int
}) {}

/** A refusal is an answer: to note where in the store it was made, and to look it over, costs more than all else about it. */
export const streamMoved = (fields: Pick<StreamMoved, "stream" | "expected" | "actual">): StreamMoved => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return new StreamMoved(fields, true)
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** The event id already lies in another place of the log. */
export class EventIdTaken extends Schema.TaggedError<EventIdTaken>()("EventIdTaken", {
  id: Schema.String,
  stream: Schema.String
}) {}

/** One append holds more than the store takes at once: split it. Nothing of it was kept. */
export class AppendTooLarge extends Schema.TaggedError<AppendTooLarge>()("AppendTooLarge", {
  stream: Schema.String,
  /** What there is too much of: events in the append, bytes in one event, bytes in the append. */
  limit: Schema.Literal("events", "eventBytes", "appendBytes"),
  actual: Schema.Int,
  max: Schema.Int
}) {}

/** Too many appends wait already. Nothing of this one was kept; worth a retry after the given time. */
export class Overloaded extends Schema.TaggedError<Overloaded>()("Overloaded", {
  retryAfterMs: Schema.Int
}) {}

/** The store itself failed: the database is away, full or broken. Worth a retry with the same event ids. */
export class EventStoreError extends Schema.TaggedError<EventStoreError>()("EventStoreError", {
  doing: Schema.String,
  cause: Schema.Defect
}) {
  override get message(): string {
    return `The event store failed to ${this.doing}: ${
      this.cause instanceof Error ? this.cause.message : String(this.cause)
    }`
  }
}

/** What an archived range of the log holds cannot be had. `code` is what PostgreSQL calls corrupted data: waiting does not cure it. */
export class SegmentDamaged extends Schema.TaggedError<SegmentDamaged>()("SegmentDamaged", {
  /** The segment's, in the segment store. */
  name: Schema.String,
  /** The positions it was written for. */
  first: Schema.Int,
  last: Schema.Int,
  /** Of the first event that cannot be read. */
  position: Schema.Int,
  problem: Schema.String
}) {
  readonly code = "XX001"
  override get message(): string {
    return `position ${this.position} cannot be read: the archived segment ${this.name} (${this.first} to ${this.last}) ${this.problem}`
  }
}
