/** How an event store can say no, or fail. */
import * as Schema from "effect/Schema"

/** Someone else wrote to the stream first: `actual` is where it stands now. */
export class StreamMoved extends Schema.TaggedError<StreamMoved>()("StreamMoved", {
  stream: Schema.String,
  expected: Schema.Union(Schema.Int, Schema.Literal("any", "exists")),
  actual: Schema.Int
}) {}

/** The event id already lies in another place of the log. */
export class EventIdTaken extends Schema.TaggedError<EventIdTaken>()("EventIdTaken", {
  id: Schema.String,
  stream: Schema.String
}) {}

/** The store itself failed: the database is away, full or broken. Worth a retry with the same event ids. */
export class EventStoreError extends Schema.TaggedError<EventStoreError>()("EventStoreError", {
  doing: Schema.String,
  cause: Schema.Defect
}) {}
