/** What may be asked of a user's account, and what can be seen of it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { DeviceId, Did, DisplayName, Handle, Millis, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, watch } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

export class UserTaken extends Schema.TaggedError<UserTaken>()("UserTaken", { userId: Did }) {}
export class NoSuchUser extends Schema.TaggedError<NoSuchUser>()("NoSuchUser", { userId: Did }) {}
export class DeviceTaken extends Schema.TaggedError<DeviceTaken>()("DeviceTaken", { deviceId: DeviceId }) {}
export class NoSuchDevice extends Schema.TaggedError<NoSuchDevice>()("NoSuchDevice", { deviceId: DeviceId }) {}

const Bio = Text.pipe(Schema.maxLength(4_000))

export class UserCommands extends RpcGroup.make(
  command("RegisterUser", "POST /users", "Open an account", {
    payload: { userId: Did, handle: Handle, displayName: DisplayName },
    refusals: UserTaken
  }),
  command("ChangeProfile", "PATCH /users/:userId/profile", "Say who you are", {
    payload: { userId: Did, displayName: DisplayName, bio: Bio },
    refusals: Schema.Union(NoSuchUser, NothingToChange)
  }),
  command("AddDevice", "POST /users/:userId/devices", "Let a device act for the user", {
    payload: { userId: Did, deviceId: DeviceId, name: DisplayName },
    refusals: Schema.Union(NoSuchUser, DeviceTaken)
  }),
  command("RevokeDevice", "DELETE /users/:userId/devices/:deviceId", "Let a device act no more", {
    payload: { userId: Did, deviceId: DeviceId },
    refusals: Schema.Union(NoSuchUser, NoSuchDevice),
    needs: { role: "user", stepUp: true }
  }),
  command("DeleteUser", "DELETE /users/:userId", "Leave this node and be forgotten", {
    payload: { userId: Did },
    refusals: NoSuchUser,
    needs: { role: "user", stepUp: true, whileSuspended: true, withoutRoles: true }
  })
) {}

export const UserAddress = Address.make({
  kind: "user",
  commands: UserCommands,
  id: ({ userId }) => userId
})

/** A device as its owner sees it. */
export class Device extends Schema.Class<Device>("Device")({
  deviceId: DeviceId,
  name: Schema.String,
  addedAt: Millis,
  revokedAt: Schema.NullOr(Millis)
}) {}

/** An account as its owner sees it. */
export class Account extends Schema.Class<Account>("Account")({
  userId: Did,
  handle: Handle,
  displayName: Schema.String,
  bio: Schema.String,
  registeredAt: Millis,
  devices: Schema.Array(Device)
}) {}

/** An account as anyone on this node sees it. */
export class UserSummary extends Schema.Class<UserSummary>("UserSummary")({
  userId: Did,
  handle: Handle,
  registeredAt: Millis
}) {}

export class UserViews extends RpcGroup.make(
  watch("WatchAccount", "GET /account", "Your own account", {
    payload: {},
    success: Account,
    refusals: NoSuchUser,
    needs: { role: "user", whileSuspended: true }
  }),
  watch("WatchUsers", "GET /users", "The accounts of this node", {
    payload: {},
    success: Schema.Array(UserSummary),
    refusals: Schema.Never
  })
) {}
