/**
 * A user's account on this node.
 *
 * U1  An account is opened once, by the one whose DID it is.
 * U2  Only the user changes the account.
 * U3  A device id is used once; a revoked one never comes back.
 * U4  A deleted account hears nothing any more.
 */
import * as Actor from "@vivim/actor/Actor"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import { DeviceTaken, NoSuchDevice, NoSuchUser, UserAddress, UserTaken } from "@vivim/contract/User"
import { DeviceId, Did } from "@vivim/event-schemas/ids"
import {
  DeviceAdded,
  DeviceRevoked,
  ProfileChanged,
  UserDeleted,
  UserEvents,
  UserRegistered
} from "@vivim/event-schemas/user/index"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

/** What an account must remember to decide. */
const UserState = Schema.Struct({
  userId: Schema.NullOr(Did),
  open: Schema.Boolean,
  displayName: Schema.String,
  bio: Schema.String,
  devices: Schema.ReadonlyMap({ key: DeviceId, value: Schema.Literal("active", "revoked") })
})
export type UserState = typeof UserState.Type

const initial: UserState = { userId: null, open: false, displayName: "", bio: "", devices: new Map() }

/** Runs the decision for the user's own open account, and refuses anyone else. */
const own = <Command extends { readonly userId: Did }, D>(
  decide: (state: UserState, command: Command) => D
) =>
(state: UserState, command: Command, { by }: Actor.Circumstance) => {
  if (by !== command.userId) return refuse(new NotAllowed({ message: "an account is changed by its user alone" }))
  return state.open ? decide(state, command) : refuse(new NoSuchUser({ userId: command.userId }))
}

export const User = Actor.make({
  address: UserAddress,
  events: UserEvents,
  initial,
  snapshot: { version: 1, schema: UserState },
  owner: ({ userId }, by) => userId ?? by,

  decide: {
    RegisterUser: (state, { displayName, handle, userId }, { by }) => {
      if (by !== userId) return refuse(new NotAllowed({ message: "an account is opened by its user alone" }))
      // A DID that left does not come back: what was shredded would seem to be there again.
      return state.userId === null
        ? accept(UserRegistered({ userId, handle, displayName }))
        : refuse(new UserTaken({ userId }))
    },

    ChangeProfile: own((state, { bio, displayName, userId }) =>
      state.displayName === displayName && state.bio === bio
        ? refuse(new NothingToChange({ message: "the profile reads so already" }))
        : accept(ProfileChanged({ userId, displayName, bio }))
    ),

    AddDevice: own(({ devices }, { deviceId, name, userId }) =>
      devices.has(deviceId) ? refuse(new DeviceTaken({ deviceId })) : accept(DeviceAdded({ userId, deviceId, name }))
    ),

    RevokeDevice: own(({ devices }, { deviceId, userId }) =>
      devices.get(deviceId) === "active"
        ? accept(DeviceRevoked({ userId, deviceId }))
        : refuse(new NoSuchDevice({ deviceId }))
    ),

    DeleteUser: own((_, { userId }) => accept(UserDeleted({ userId })))
  },

  // Who left is remembered by their DID alone.
  shredded: {
    "user.UserRegistered": (_, { userId }) => ({ ...initial, userId, open: true })
  },

  evolve: {
    "user.UserRegistered": (_, { displayName, userId }) => ({ ...initial, userId, open: true, displayName }),
    "user.ProfileChanged": (state, { bio, displayName }) => ({ ...state, displayName, bio }),
    "user.DeviceAdded": (state, { deviceId }) => ({
      ...state,
      devices: new Map(state.devices).set(deviceId, "active")
    }),
    "user.DeviceRevoked": (state, { deviceId }) => ({
      ...state,
      devices: new Map(state.devices).set(deviceId, "revoked")
    }),
    "user.UserDeleted": ({ userId }) => ({ ...initial, userId })
  }
})
