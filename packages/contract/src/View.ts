/** A view as its operator sees it: how far it is, where it stopped, and what can be done about it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Did, Millis, Position, Text, ViewName } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, query } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

/** Where something stopped, and why. Stream, version and type are those of the event at that position; null when no event did it. */
export const ViewStop = Schema.Struct({
  position: Schema.Int,
  stream: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.Int),
  type: Schema.NullOr(Schema.String),
  reason: Schema.String,
  since: Millis
})
export type ViewStop = typeof ViewStop.Type

/**
 * One view and how far it has read. `building`: it does not serve yet, or is starting again; `waiting`: it tries again by itself,
 * `trouble` says what for; `stopped`: it stands at `stop` until it is resumed or told to skip. `late`: it trails more than the node
 * allows. `lag` counts events, `lagMs` how long the oldest of them has waited. `users` are those whose own file does not keep up,
 * at most a hundred of them; `usersBehind` counts all.
 */
export const ViewHealth = Schema.Struct({
  view: Schema.String,
  version: Schema.Int,
  position: Schema.Int,
  lag: Schema.Int,
  lagMs: Millis,
  late: Schema.Boolean,
  state: Schema.Literal("building", "running", "waiting", "stopped"),
  stop: Schema.NullOr(ViewStop),
  trouble: Schema.NullOr(Schema.String),
  skipped: Schema.Array(Schema.Int),
  usersBehind: Schema.Int,
  users: Schema.Array(Schema.Struct({
    user: Schema.String,
    state: Schema.Literal("mending", "stopped"),
    stop: ViewStop
  }))
})
export type ViewHealth = typeof ViewHealth.Type

export class NoSuchView extends Schema.TaggedError<NoSuchView>()("NoSuchView", {
  view: Schema.String,
  known: Schema.Array(Schema.String)
}) {}

/** Nothing stands still there: the view, or the user's file, runs, or stopped at another event. */
export class NotStopped extends Schema.TaggedError<NotStopped>()("NotStopped", {
  view: Schema.String,
  message: Schema.String
}) {}

const Reason = Text.pipe(Schema.maxLength(1_024))

export class ViewCommands extends RpcGroup.make(
  command("SkipEvent", "POST /views/:view/skips", "Have a view pass over the event it stopped at, for good", {
    payload: { view: ViewName, position: Position, reason: Reason },
    refusals: Schema.Union(NoSuchView, NotStopped, NothingToChange),
    needs: "operator"
  }),
  command(
    "WithdrawSkip",
    "DELETE /views/:view/skips/:position",
    "Have a skipped event taken when the view is next built",
    {
      payload: { view: ViewName, position: Position, reason: Reason },
      refusals: Schema.Union(NoSuchView, NothingToChange),
      needs: "operator"
    }
  )
) {}

export const ViewAddress = Address.make({ kind: "view", commands: ViewCommands, id: ({ view }) => view })

export class ViewDoors extends RpcGroup.make(
  query("ReadViews", "GET /views", "Every view: how far it is, where it stopped", {
    payload: {},
    success: Schema.Array(ViewHealth),
    refusals: Schema.Never,
    needs: "operator"
  }),
  query("ResumeView", "POST /views/:view/resume", "Have a stopped view, or one user's file of it, try again", {
    payload: { view: Schema.String, user: Schema.optional(Did) },
    success: Schema.Struct({ resumed: Schema.Int }),
    refusals: Schema.Union(NoSuchView, NotStopped),
    needs: "operator"
  })
) {}
