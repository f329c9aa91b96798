/** Accounts as the registry knows them, and one's own account in full. Names stay sealed in the events that gave them. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import { SessionGuard } from "@vivim/contract/Session"
import { Account, Device, NoSuchUser, UserSummary, UserViews } from "@vivim/contract/User"
import type { Did } from "@vivim/event-schemas/ids"
import { UserEvents } from "@vivim/event-schemas/user/index"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Reference from "@vivim/projection/Reference"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import {
  type AccountRow,
  type DeviceRow,
  forksKey,
  identityTables,
  key,
  kitRecipient,
  rowsOfOperation,
  text
} from "./UserRows.ts"

const { drop, patch, put } = RegistryView

export const UserView = RegistryView.make({
  name: "users",
  version: 3,
  reads: UserEvents,
  tables: {
    user_account: {
      key: ["user_id"],
      columns: {
        user_id: "text",
        handle: "text",
        registered_at: "bigint",
        registered_position: "bigint",
        profile_position: "bigint",
        closed: "boolean",
        privacy: "text",
        privacy_since: "bigint"
      },
      indexes: [["handle"]]
    },
    ...identityTables
  },
  on: {
    "user.UserRegistered": ({ handle, userId }, { at, position }) => [
      put("user_account", {
        user_id: userId,
        handle,
        registered_at: at,
        registered_position: position,
        profile_position: null,
        closed: false,
        privacy: "served",
        privacy_since: null
      })
    ],
    "user.ProfileChanged": ({ userId }, { position }) => [
      patch("user_account", { user_id: userId }, { profile_position: position })
    ],
    "user.PrivacyChosen": ({ privacy, userId }, { at }) => [
      patch("user_account", { user_id: userId }, { privacy, privacy_since: at })
    ],
    "user.OperationStated": rowsOfOperation,
    "user.LogForked": ({ kept, rival, seq, userId }, { at, position }) => [
      put("user_fork", {
        user_id: userId,
        position,
        seq,
        kept,
        rival: text(rival),
        seen_at: at
      })
    ],
    "user.KeyWrapsKept": ({ generation, userId, wraps }, { at }) =>
      wraps.map(({ deviceId, sealed }) =>
        put("user_wrap", {
          user_id: userId,
          recipient: deviceId ?? kitRecipient,
          generation,
          sealed: text(sealed),
          kept_at: at
        })
      ),
    "user.DeviceAdded": ({ deviceId, userId }, { at, position }) => [
      put("user_device", {
        user_id: userId,
        device_id: deviceId,
        kem: null,
        added_at: at,
        named_position: position,
        revoked_at: null
      })
    ],
    "user.DeviceNamed": ({ deviceId, userId }, { position }) => [
      patch("user_device", { user_id: userId, device_id: deviceId }, { named_position: position })
    ],
    "user.DeviceRevoked": ({ deviceId, userId }, { at }) => [
      patch("user_device", { user_id: userId, device_id: deviceId }, { revoked_at: at })
    ],
    "user.UserDeleted": ({ userId }, { at }) => [
      drop("user_account", { user_id: userId }),
      ...Object.keys(identityTables).map((table) => drop(table, { user_id: userId })),
      put("user_left", { user_id: userId, left_at: at })
    ]
  },
  touches: ({ _tag, userId }) => [
    key(userId),
    "users",
    ..._tag === "user.LogForked" || _tag === "user.UserDeleted" ? [forksKey] : []
  ]
})

const named = (position: string | null) =>
  position === null
    ? Effect.succeed({ name: "", bio: "" })
    : Effect.map(Reference.open(UserEvents, Number(position)), (event) =>
      event !== null && "displayName" in event
        ? { name: event.displayName, bio: "bio" in event ? event.bio : "" }
        : { name: event !== null && "name" in event ? event.name : "", bio: "" })

/** Somebody's own account in full. */
export const account = Effect.fn("UserView.account")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<AccountRow>`SELECT * FROM registry.user_account WHERE user_id = ${userId}`
  if (row === undefined) return yield* new NoSuchUser({ userId })
  const profile = yield* named(row.profile_position ?? row.registered_position)
  const rows = yield* sql<
    DeviceRow
  >`SELECT * FROM registry.user_device WHERE user_id = ${userId} ORDER BY added_at, device_id`
  const devices = yield* Effect.forEach(
    rows,
    (device) =>
      Effect.map(named(device.named_position), ({ name }) =>
        new Device({
          deviceId: device.device_id,
          name,
          kem: device.kem,
          addedAt: Number(device.added_at),
          revokedAt: device.revoked_at === null ? null : Number(device.revoked_at)
        }))
  )
  return new Account({
    userId,
    handle: row.handle,
    displayName: profile.name,
    bio: profile.bio,
    registeredAt: Number(row.registered_at),
    privacy: row.privacy,
    privacySince: row.privacy_since === null ? null : Number(row.privacy_since),
    devices
  })
})

/** The handle of an account here, or null. */
export const handleOf = Effect.fn("UserView.handleOf")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<
    Pick<AccountRow, "handle">
  >`SELECT handle FROM registry.user_account WHERE user_id = ${userId}`
  return row?.handle ?? null
})

/** Everyone with an account here. */
const list = Effect.fn("UserView.list")(function*() {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<AccountRow>`
    SELECT * FROM registry.user_account ORDER BY registered_position`
  return rows.map((row) =>
    new UserSummary({ userId: row.user_id, handle: row.handle, registeredAt: Number(row.registered_at) })
  )
})

type Ground = SqlClient.SqlClient | Reference.Needs
const Doors = UserViews.middleware(SessionGuard)

/** Answers now, and again whenever an account changes. */
export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Ground | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<Ground>(), ({ watch }) => ({
  WatchAccount: () =>
    watch(({ userId }) => ({
      keys: [key(userId)],
      ask: weatherproof("read your account", account(userId), ["NoSuchUser"])
    })),
  WatchUsers: () => watch(() => ({ keys: ["users"], ask: weatherproof("read the accounts", list()) }))
})))
