/** Waiting for one's own write: a receipt names a position, and views can be asked to have seen it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import { query } from "./Call.ts"

/** A view, or the caller's own part of it, stands still before the position that is waited for: waiting longer does not help. */
export class ViewStopped extends Schema.TaggedError<ViewStopped>()("ViewStopped", {
  view: Schema.String,
  /** The event it could not take. */
  position: Schema.Int,
  message: Schema.String
}) {}

export class AwaitViews extends RpcGroup.make(
  query("AwaitPosition", "GET /positions/:position", "Answers when every view has seen the log up to a position", {
    payload: { position: Schema.Int.pipe(Schema.nonNegative()) },
    success: Schema.Struct({ position: Schema.Int }),
    refusals: ViewStopped
  })
) {}
