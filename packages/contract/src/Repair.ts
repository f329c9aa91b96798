/** Actors that stand still because their log holds what they cannot fold, and what can be done about it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Millis, StreamName, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, query } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

const Version = Schema.Int.pipe(Schema.positive())

/** An actor that answers no command: the event it cannot fold, why, and since when this node knows. */
export const Quarantined = Schema.Struct({
  stream: Schema.String,
  version: Schema.Int,
  position: Schema.Int,
  type: Schema.String,
  reason: Schema.String,
  since: Millis
})
export type Quarantined = typeof Quarantined.Type

/** The actor does not stand still at that event: it folds, or it stands still at another. */
export class NotQuarantined extends Schema.TaggedError<NotQuarantined>()("NotQuarantined", {
  stream: Schema.String,
  message: Schema.String
}) {}

export class RepairCommands extends RpcGroup.make(
  command(
    "PassOverEvent",
    "POST /quarantine/passed-over",
    "Have an actor pass over the event it cannot fold, for good",
    {
      payload: { stream: StreamName, version: Version, reason: Text.pipe(Schema.maxLength(1_024)) },
      refusals: Schema.Union(NotQuarantined, NothingToChange),
      needs: "operator"
    }
  )
) {}

export const RepairAddress = Address.make({ kind: "repair", commands: RepairCommands, id: ({ stream }) => stream })

export class RepairDoors extends RpcGroup.make(
  query(
    "ReadQuarantine",
    "GET /quarantine",
    "Actors that stand still, as far as any process of this node has met them",
    {
      payload: {},
      success: Schema.Array(Quarantined),
      refusals: Schema.Never,
      needs: "operator"
    }
  ),
  query("CheckActor", "POST /quarantine/check", "Fold one actor's stream to its end: where it stands still, or null", {
    payload: { stream: StreamName },
    success: Schema.NullOr(Quarantined),
    refusals: NotQuarantined,
    needs: "operator"
  })
) {}
