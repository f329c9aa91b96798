/** What may be asked of a user's account, and what can be seen of it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { ContentHash, DeviceId, Did, DisplayName, Handle, Millis, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, watch } from "./Call.ts"
import { HandleReserved, HandleTaken } from "./Handle.ts"
import { OperationRefused, Stated } from "./Identity.ts"
import { Sealed, Statement, Statements } from "./IdentityBytes.ts"
import { NothingToChange } from "./Refusal.ts"

export class UserTaken extends Schema.TaggedError<UserTaken>()("UserTaken", { userId: Did }) {}
export class NoSuchUser extends Schema.TaggedError<NoSuchUser>()("NoSuchUser", { userId: Did }) {}
export class DeviceTaken extends Schema.TaggedError<DeviceTaken>()("DeviceTaken", { deviceId: DeviceId }) {}
export class NoSuchDevice extends Schema.TaggedError<NoSuchDevice>()("NoSuchDevice", { deviceId: DeviceId }) {}

/** Master keys have a newer generation than that; `generation` is the newest. */
export class WrapsBehind extends Schema.TaggedError<WrapsBehind>()("WrapsBehind", { generation: Schema.Int }) {}

/** Which master key it is, from 1. */
const Generation = Schema.Int.pipe(
  Schema.positive(),
  Schema.annotations({ arbitrary: () => (fc: any) => fc.integer({ min: 1, max: 3 }) })
)

/** `served`: the node reads what comes in. `sealed`: the account's devices seal it, right after it came in. */
export const Privacy = Schema.Literal("served", "sealed")

const Bio = Text.pipe(Schema.maxLength(4_000))

export class UserCommands extends RpcGroup.make(
  command("RegisterUser", "POST /users", "Open an account", {
    payload: {
      userId: Did,
      handle: Handle,
      displayName: DisplayName,
      /** The first operation of a `did:vivim` account; its DID commits to it. */
      genesis: Schema.optionalWith(Statement, { exact: true }),
      /** Those after it, of an account that moves here from another node. */
      after: Schema.optionalWith(Statements, { exact: true })
    },
    refusals: Schema.Union(UserTaken, OperationRefused, HandleTaken, HandleReserved)
  }),
  command("StateOperation", "POST /users/:userId/operations", "Bring an operation its account's keys have signed", {
    payload: { userId: Did, ...Statement.fields },
    success: Stated,
    refusals: Schema.Union(NoSuchUser, OperationRefused)
  }),
  command("NameDevice", "PUT /users/:userId/devices/:deviceId/name", "Say what you call a device", {
    payload: { userId: Did, deviceId: DeviceId, name: DisplayName },
    refusals: Schema.Union(NoSuchUser, NoSuchDevice)
  }),
  command("KeepKeyWraps", "POST /users/:userId/wraps", "Keep the master key, sealed to your devices and your kit", {
    payload: {
      userId: Did,
      generation: Generation,
      wraps: Schema.Array(Schema.Struct({ deviceId: Schema.NullOr(DeviceId), sealed: Sealed })).pipe(
        Schema.minItems(1),
        Schema.maxItems(33)
      ),
      /** A master key made just now: refused where another device has made the next one meanwhile. */
      fresh: Schema.optionalWith(Schema.Literal(true), { exact: true })
    },
    refusals: Schema.Union(NoSuchUser, NoSuchDevice, WrapsBehind),
    needs: { role: "user", proven: true }
  }),
  command("ChangeProfile", "PATCH /users/:userId/profile", "Say who you are", {
    payload: { userId: Did, displayName: DisplayName, bio: Bio },
    refusals: Schema.Union(NoSuchUser, NothingToChange)
  }),
  command("ChoosePrivacy", "PUT /users/:userId/privacy", "Say how private what you keep is to be from now on", {
    payload: { userId: Did, privacy: Privacy },
    refusals: Schema.Union(NoSuchUser, NothingToChange),
    needs: { role: "user", proven: true }
  }),
  command("AddDevice", "POST /users/:userId/devices", "Let a device act for a user without a log", {
    payload: { userId: Did, deviceId: DeviceId, name: DisplayName },
    refusals: Schema.Union(NoSuchUser, DeviceTaken),
    needs: { role: "user", proven: true }
  }),
  command(
    "RevokeDevice",
    "DELETE /users/:userId/devices/:deviceId",
    "Let a device of a user without a log act no more",
    {
      payload: { userId: Did, deviceId: DeviceId },
      refusals: Schema.Union(NoSuchUser, NoSuchDevice),
      needs: { role: "user", stepUp: true }
    }
  ),
  command("DeleteUser", "DELETE /users/:userId", "Leave this node and be forgotten", {
    payload: { userId: Did },
    refusals: NoSuchUser,
    needs: { role: "user", stepUp: true, whileSuspended: true, withoutRoles: true }
  })
) {}

/** What the node itself notes of an account. Not a public door: the vault's door has it noted when it did so. */
class UserNotes extends RpcGroup.make(
  command("NoteStoreKey", "POST /users/:userId/store-key", "Another store key took the place of the one before", {
    payload: { userId: Did, generation: Schema.Int.pipe(Schema.greaterThan(1)) },
    refusals: Schema.Union(NoSuchUser, NothingToChange)
  })
) {}

export const UserAddress = Address.make({
  kind: "user",
  commands: UserCommands.merge(UserNotes),
  id: ({ userId }) => userId
})

/** A device as its owner sees it. */
export class Device extends Schema.Class<Device>("Device")({
  deviceId: DeviceId,
  name: Schema.String,
  /** Hash of the key that things are sealed to it with; null for a device of an account without a log. */
  kem: Schema.NullOr(ContentHash),
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
  /** What becomes of what is made or imported from now on; each conversation says itself how it is. */
  privacy: Schema.optionalWith(Privacy, { default: () => "served" }),
  /** Since when that was chosen; null where nothing was. */
  privacySince: Schema.optionalWith(Schema.NullOr(Millis), { default: () => null }),
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
