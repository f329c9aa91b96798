/** What may be asked of a circle of people, and what its members see of it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { CircleId, CircleName, Did, Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, watch } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

export class CircleTaken extends Schema.TaggedError<CircleTaken>()("CircleTaken", { circleId: CircleId }) {}
/** There is no such circle, or none that you may see. */
export class NoSuchCircle extends Schema.TaggedError<NoSuchCircle>()("NoSuchCircle", { circleId: CircleId }) {}
export class CircleClosed extends Schema.TaggedError<CircleClosed>()("CircleClosed", { circleId: CircleId }) {}
export class NotAMember extends Schema.TaggedError<NotAMember>()("NotAMember", { member: Did }) {}
/** The founder holds the circle: archive it instead. */
export class FounderStays extends Schema.TaggedError<FounderStays>()("FounderStays", { founder: Did }) {}

const Refusals = Schema.Union(NoSuchCircle, CircleClosed, NotAMember)

export class CircleCommands extends RpcGroup.make(
  command("CreateCircle", "POST /circles", "Draw a circle", {
    payload: { circleId: CircleId, name: CircleName },
    refusals: CircleTaken
  }),
  command("RenameCircle", "PATCH /circles/:circleId", "Give the circle another name", {
    payload: { circleId: CircleId, name: CircleName },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("AddMember", "POST /circles/:circleId/members", "Bring someone in", {
    payload: { circleId: CircleId, member: Did },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("RemoveMember", "DELETE /circles/:circleId/members/:member", "Leave, or let someone go", {
    payload: { circleId: CircleId, member: Did },
    refusals: Schema.Union(Refusals, FounderStays)
  }),
  command("ArchiveCircle", "POST /circles/:circleId/archive", "Close the circle", {
    payload: { circleId: CircleId },
    refusals: Refusals
  })
) {}

export const CircleAddress = Address.make({
  kind: "circle",
  commands: CircleCommands,
  id: ({ circleId }) => circleId
})

/** A circle as a member sees it. */
export class Circle extends Schema.Class<Circle>("Circle")({
  circleId: CircleId,
  name: Schema.String,
  founder: Did,
  members: Schema.Array(Did),
  createdAt: Millis,
  archivedAt: Schema.NullOr(Millis)
}) {}

export class CircleViews extends RpcGroup.make(
  watch("WatchCircles", "GET /circles", "The circles you are in", {
    payload: {},
    success: Schema.Array(Circle),
    refusals: Schema.Never
  }),
  watch("WatchCircle", "GET /circles/:circleId", "One circle you are in", {
    payload: { circleId: CircleId },
    success: Circle,
    refusals: NoSuchCircle
  })
) {}
