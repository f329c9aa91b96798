/** A circle seen by its members. The registry knows who is in; the name stays sealed in the event that gave it. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import { Circle, CircleViews, NoSuchCircle } from "@vivim/contract/Circle"
import { SessionGuard } from "@vivim/contract/Session"
import { CircleEvents } from "@vivim/event-schemas/circle/index"
import type { CircleId, Did } from "@vivim/event-schemas/ids"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Reference from "@vivim/projection/Reference"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

const { drop, patch, put } = RegistryView
const key = (circleId: string) => `circle/${circleId}`

export const CircleView = RegistryView.make({
  name: "circles",
  version: 1,
  reads: CircleEvents,
  tables: {
    circle: {
      key: ["circle_id"],
      columns: { circle_id: "text", founder: "text", named_at: "bigint", created_at: "bigint", archived_at: "bigint" }
    },
    circle_member: {
      key: ["circle_id", "member"],
      columns: { circle_id: "text", member: "text", joined_at: "bigint" },
      indexes: [["member"]]
    }
  },
  on: {
    "circle.CircleCreated": ({ circleId, founder }, { at, position }) => [
      put("circle", { circle_id: circleId, founder, named_at: position, created_at: at, archived_at: null }),
      put("circle_member", { circle_id: circleId, member: founder, joined_at: at })
    ],
    "circle.CircleRenamed": ({ circleId }, { position }) => [
      patch("circle", { circle_id: circleId }, { named_at: position })
    ],
    "circle.MemberAdded": ({ circleId, member }, { at }) => [
      put("circle_member", { circle_id: circleId, member, joined_at: at })
    ],
    "circle.MemberRemoved": ({ circleId, member }) => [drop("circle_member", { circle_id: circleId, member })],
    "circle.CircleArchived": ({ circleId }, { at }) => [patch("circle", { circle_id: circleId }, { archived_at: at })]
  },
  touches: ({ circleId }) => [key(circleId), "circles"]
})

interface Row {
  readonly circle_id: CircleId
  readonly founder: Did
  readonly named_at: string
  readonly created_at: string
  readonly archived_at: string | null
  readonly members: ReadonlyArray<Did>
}

/** The event that named a circle. What a founder named stays unsaid while the founder's keys are not here, also to members. */
const name = ({ named_at }: Row) =>
  Effect.catchTag(Reference.open(CircleEvents, Number(named_at)), "Locked", () => Effect.succeed(null))

/** The circles someone is in, or just one of them. */
const circlesOf = Effect.fn("CircleView.circlesOf")(function*(member: Did, circleId: CircleId | null) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`
    SELECT c.*, array(SELECT m.member FROM registry.circle_member m WHERE m.circle_id = c.circle_id
      ORDER BY m.joined_at, m.member) AS members
    FROM registry.circle c JOIN registry.circle_member mine ON mine.circle_id = c.circle_id AND mine.member = ${member}
    WHERE ${circleId}::text IS NULL OR c.circle_id = ${circleId} ORDER BY c.created_at, c.circle_id`
  return yield* Effect.forEach(
    rows,
    (row) =>
      Effect.map(name(row), (named) =>
        new Circle({
          circleId: row.circle_id,
          name: named !== null && "name" in named ? named.name : "",
          founder: row.founder,
          members: row.members,
          createdAt: Number(row.created_at),
          archivedAt: row.archived_at === null ? null : Number(row.archived_at)
        }))
  )
})

type Ground = SqlClient.SqlClient | Reference.Needs
const Doors = CircleViews.middleware(SessionGuard)

/** Answers now, and again whenever a circle changes. */
export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Ground | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<Ground>(), ({ watch }) => ({
  WatchCircles: () =>
    watch(({ userId }) => ({ keys: ["circles"], ask: weatherproof("read your circles", circlesOf(userId, null)) })),
  WatchCircle: ({ circleId }) =>
    watch(({ userId }) => ({
      keys: [key(circleId)],
      ask: weatherproof(
        "read the circle",
        Effect.flatMap(circlesOf(userId, circleId), ([circle]) =>
          circle === undefined ? Effect.fail(new NoSuchCircle({ circleId })) : Effect.succeed(circle)),
        ["NoSuchCircle"]
      )
    }))
})))
