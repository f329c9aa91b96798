/** How accounts stand, as the registry knows it: for moderators, and for each user about themselves. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import { SessionGuard } from "@vivim/contract/Session"
import { type AccountState, type Standing, StandingViews } from "@vivim/contract/Standing"
import { NoSuchUser } from "@vivim/contract/User"
import * as Event from "@vivim/event-schemas/Event"
import type { Did, Handle } from "@vivim/event-schemas/ids"
import { SessionEvents } from "@vivim/event-schemas/session/index"
import { factors } from "@vivim/event-schemas/session/Means"
import { StandingEvents } from "@vivim/event-schemas/standing/index"
import type { Role } from "@vivim/event-schemas/standing/Role"
import { UserEvents } from "@vivim/event-schemas/user/index"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { trustScore, verificationLevel } from "./Trust.ts"

const { drop, put } = RegistryView
const key = (userId: string) => `standing/${userId}`
const all = "standings"

export const StandingView = RegistryView.make({
  name: "standings",
  version: 1,
  reads: Event.vocabulary(...StandingEvents.events, ...UserEvents.events, ...SessionEvents.events),
  tables: {
    standing_account: {
      key: ["user_id"],
      columns: {
        user_id: "text",
        handle: "text",
        registered_at: "bigint",
        state: "text",
        until: "bigint",
        proven_at: "bigint"
      }
    },
    standing_role: { key: ["user_id", "role"], columns: { user_id: "text", role: "text" } },
    standing_suspension: { key: ["user_id", "position"], columns: { user_id: "text", position: "bigint" } },
    standing_means: { key: ["user_id", "means_id"], columns: { user_id: "text", means_id: "text", means: "text" } }
  },
  on: {
    "user.UserRegistered": ({ handle, userId }, { at }) => [
      put("standing_account", { user_id: userId, handle, registered_at: at })
    ],
    "user.UserDeleted": ({ userId }) => [
      put("standing_account", { user_id: userId, handle: null, state: "deleted", until: null }),
      drop("standing_means", { user_id: userId }),
      drop("standing_role", { user_id: userId })
    ],
    "session.SessionOpened": ({ means, userId }, { at }) =>
      means === "device" ? [put("standing_account", { user_id: userId, proven_at: at })] : [],
    "session.MeansAdded": ({ means, meansId, userId }) => [
      put("standing_means", { user_id: userId, means_id: meansId, means })
    ],
    "session.MeansRemoved": ({ meansId, userId }) => [drop("standing_means", { user_id: userId, means_id: meansId })],
    "standing.RoleGranted": ({ role, userId }) => [put("standing_role", { user_id: userId, role })],
    "standing.RoleWithdrawn": ({ role, userId }) => [drop("standing_role", { user_id: userId, role })],
    "standing.AccountSuspended": ({ until, userId }, { position }) => [
      put("standing_account", { user_id: userId, state: "suspended", until }),
      put("standing_suspension", { user_id: userId, position })
    ],
    "standing.AccountBanned": ({ userId }) => [
      put("standing_account", { user_id: userId, state: "banned", until: null })
    ],
    "standing.AccountReinstated": ({ userId }) => [
      put("standing_account", { user_id: userId, state: null, until: null })
    ]
  },
  touches: ({ userId }) => [key(userId), all]
})

interface Row {
  readonly user_id: Did
  readonly handle: Handle | null
  readonly registered_at: string | null
  readonly state: AccountState | null
  readonly until: string | null
  readonly proven_at: string | null
  readonly roles: ReadonlyArray<Role> | null
  readonly means: ReadonlyArray<string> | null
  readonly suspensions: number
}

const told = (row: Row, now: number): Standing => {
  const until = row.until === null ? null : Number(row.until)
  const state = row.state === "suspended" && until !== null && until <= now ? "active" : row.state ?? "active"
  const known = {
    registeredAt: Number(row.registered_at ?? now),
    isProven: row.proven_at !== null,
    hasFactor: factors.some((factor) => row.means?.includes(factor)),
    hasProvider: row.means?.includes("provider") ?? false,
    suspensions: row.suspensions,
    mayAct: state === "active"
  }
  return {
    userId: row.user_id,
    handle: row.handle,
    state,
    until: state === "suspended" ? until : null,
    roles: row.roles ?? [],
    trustScore: trustScore(known, now),
    verificationLevel: verificationLevel(known)
  }
}

/** Accounts told at once. */
const AccountsMax = 1_000

const read = (userId: Did | null) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const now = yield* Clock.currentTimeMillis
    const rows = yield* sql<Row>`
      SELECT a.*, (SELECT count(*)::integer FROM registry.standing_suspension s WHERE s.user_id = a.user_id) AS suspensions,
        (SELECT array_agg(r.role ORDER BY r.role) FROM registry.standing_role r WHERE r.user_id = a.user_id) AS roles,
        (SELECT array_agg(DISTINCT m.means) FROM registry.standing_means m WHERE m.user_id = a.user_id) AS means
      FROM registry.standing_account a WHERE ${userId}::text IS NULL OR a.user_id = ${userId}
      ORDER BY a.registered_at NULLS LAST, a.user_id LIMIT ${AccountsMax}`
    return rows.map((row) => told(row, now))
  })

const one = (userId: Did) =>
  Effect.flatMap(
    read(userId),
    ([standing]) => standing === undefined ? Effect.fail(new NoSuchUser({ userId })) : Effect.succeed(standing)
  )

const Doors = StandingViews.middleware(SessionGuard)

/** Answers now, and again whenever an account stands otherwise. */
export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  SqlClient.SqlClient | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<SqlClient.SqlClient>(), ({ watch }) => ({
  WatchStandings: () => watch(() => ({ keys: [all], ask: weatherproof("read how accounts stand", read(null)) })),
  WatchStanding: () =>
    watch(({ userId }) => ({
      keys: [key(userId)],
      ask: weatherproof("read how you stand", one(userId), ["NoSuchUser"])
    }))
})))
