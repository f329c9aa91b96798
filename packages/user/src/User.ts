/**
 * A user's account on this node.
 *
 * U1  An account is opened once, by the one whose DID it is; a `did:vivim` one with the operation its log begins with, and all after it where it
 *     comes from another node.
 * U2  Only the user changes the account.
 * U3  A device id is used once; a revoked one never comes back. The devices of an account with a log follow from that.
 * U4  A deleted account hears nothing any more.
 * U5  Master keys are kept sealed to active devices and to the kit, and never go back to an older generation.
 * U6  How private things are to be is served until its user says otherwise.
 * U7  That a store key was replaced is noted once.
 */
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as Actor from "@vivim/actor/Actor"
import { OperationRefused, Stated } from "@vivim/contract/Identity"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import {
  DeviceTaken,
  NoSuchDevice,
  NoSuchUser,
  UserAddress,
  type UserCommands,
  UserTaken,
  WrapsBehind
} from "@vivim/contract/User"
import * as Operation from "@vivim/crypto/did/Operation"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import {
  DeviceAdded,
  DeviceNamed,
  DeviceRevoked,
  KeyWrapsKept,
  PrivacyChosen,
  ProfileChanged,
  StoreKeyReplaced,
  UserDeleted,
  type UserEvent,
  UserEvents,
  UserRegistered
} from "@vivim/event-schemas/user/index"
import * as Identity from "./Identity.ts"
import { initial, UserState } from "./UserState.ts"

const { accept, refuse } = Actor

type Opening = Rpc.Payload<Extract<RpcGroup.Rpcs<typeof UserCommands>, { readonly _tag: "RegisterUser" }>>

/** Runs the decision for the user's own open account, and refuses anyone else. */
const own = <Command extends { readonly userId: Did }, D>(
  decide: (state: UserState, command: Command) => D
) =>
(state: UserState, command: Command, { by }: Actor.Circumstance) => {
  if (by !== command.userId) return refuse(new NotAllowed({ message: "an account is changed by its user alone" }))
  return state.open ? decide(state, command) : refuse(new NoSuchUser({ userId: command.userId }))
}

/** The same, for an account whose devices its user names one by one. */
const withoutLog = <Command extends { readonly userId: Did }, D>(decide: (state: UserState, command: Command) => D) =>
  own((state: UserState, command: Command) =>
    state.log === null
      ? decide(state, command)
      : refuse(new NotAllowed({ message: "the devices of this account are said in its log" }))
  )

const choosePrivacy = own((state, { privacy, userId }: Pick<UserState, "privacy"> & { readonly userId: Did }) =>
  state.privacy === privacy
    ? refuse(new NothingToChange({ message: "that is how it is already" }))
    : accept(PrivacyChosen({ userId, privacy }))
)

const register = (
  law: Identity.Law,
  state: UserState,
  { after = [], displayName, genesis, handle, userId }: Opening,
  { at, by }: Actor.Circumstance
) => {
  if (by !== userId) return refuse(new NotAllowed({ message: "an account is opened by its user alone" }))
  // A DID that left does not come back: what was shredded would seem to be there again.
  if (state.userId !== null) return refuse(new UserTaken({ userId }))
  const registered = UserRegistered({ userId, handle, displayName })
  if (!Operation.isDidVivim(userId) && genesis === undefined) return accept(registered)
  if (genesis === undefined) return refuse(new OperationRefused({ userId, reason: "NoGenesis" }))
  const decision = after.length > 0
    ? Identity.arrive(userId, [genesis, ...after], at, law)
    : Identity.state(state, userId, genesis, at, law)
  return decision._tag === "Refuse" ? decision : accept(registered, ...decision.events)
}

const keepKeyWraps = own((
  { devices, generation }: UserState,
  { fresh, generation: wanted, userId, wraps }: Rpc.Payload<
    Extract<RpcGroup.Rpcs<typeof UserCommands>, { readonly _tag: "KeepKeyWraps" }>
  >
) => {
  if (wanted !== generation + 1 && (fresh === true || wanted !== generation)) {
    return refuse(new WrapsBehind({ generation }))
  }
  const stranger = wraps.find(({ deviceId }) => deviceId !== null && devices.get(deviceId) !== "active")
  return stranger?.deviceId
    ? refuse(new NoSuchDevice({ deviceId: stranger.deviceId }))
    : accept(KeyWrapsKept({ userId, generation: wanted, wraps }))
})

const noteStoreKey = own((
  { storeKey }: UserState,
  { generation, userId }: { readonly userId: Did; readonly generation: number }
) =>
  generation <= storeKey
    ? refuse(new NothingToChange({ message: "it is noted already" }))
    : accept(StoreKeyReplaced({ userId, generation }))
)

const withDevice = (state: UserState, deviceId: DeviceId, is: "active" | "revoked"): UserState => ({
  ...state,
  devices: new Map(state.devices).set(deviceId, is)
})

const outcomeOf = (event: UserEvent | undefined): Stated["outcome"] =>
  event?._tag !== "user.OperationStated" ? "forked" : event.voided > 0 ? "voided" : "stated"

/** The law of accounts, where operations count by this one. */
export const userOf = (law: Identity.Law) =>
  Actor.make({
    address: UserAddress,
    events: UserEvents,
    initial,
    snapshot: { version: 5, schema: UserState },
    owner: ({ userId }, by) => userId ?? by,

    decide: {
      RegisterUser: (state, command, how) => register(law, state, command, how),

      StateOperation: (state, { userId, ...given }, { at }) =>
        state.open ? Identity.state(state, userId, given, at, law) : refuse(new NoSuchUser({ userId })),

      KeepKeyWraps: keepKeyWraps,

      NoteStoreKey: noteStoreKey,

      ChangeProfile: own((state, { bio, displayName, userId }) =>
        state.displayName === displayName && state.bio === bio
          ? refuse(new NothingToChange({ message: "the profile reads so already" }))
          : accept(ProfileChanged({ userId, displayName, bio }))
      ),

      ChoosePrivacy: choosePrivacy,

      AddDevice: withoutLog(({ devices }, { deviceId, name, userId }) =>
        devices.has(deviceId) ? refuse(new DeviceTaken({ deviceId })) : accept(DeviceAdded({ userId, deviceId, name }))
      ),

      NameDevice: own(({ devices }, { deviceId, name, userId }) =>
        devices.get(deviceId) === "active"
          ? accept(DeviceNamed({ userId, deviceId, name }))
          : refuse(new NoSuchDevice({ deviceId }))
      ),

      RevokeDevice: withoutLog(({ devices }, { deviceId, userId }) =>
        devices.get(deviceId) === "active"
          ? accept(DeviceRevoked({ userId, deviceId }))
          : refuse(new NoSuchDevice({ deviceId }))
      ),

      DeleteUser: own((_, { userId }) => accept(UserDeleted({ userId })))
    },

    answer: { StateOperation: (receipt, [event]) => new Stated({ ...receipt, outcome: outcomeOf(event) }) },

    // Who left is remembered by their DID alone.
    shredded: {
      "user.UserRegistered": (_, { userId }) => ({ ...initial, userId, open: true })
    },

    evolve: {
      "user.UserRegistered": (_, { displayName, userId }) => ({ ...initial, userId, open: true, displayName }),
      "user.OperationStated": Identity.evolve,
      "user.LogForked": Identity.remember,
      "user.KeyWrapsKept": (state, { generation }) => ({ ...state, generation }),
      "user.StoreKeyReplaced": (state, { generation }) => ({ ...state, storeKey: generation }),
      "user.ProfileChanged": (state, { bio, displayName }) => ({ ...state, displayName, bio }),
      "user.PrivacyChosen": (state, { privacy }) => ({ ...state, privacy }),
      "user.DeviceAdded": (state, { deviceId }) => withDevice(state, deviceId, "active"),
      "user.DeviceNamed": (state) => state,
      "user.DeviceRevoked": (state, { deviceId }) => withDevice(state, deviceId, "revoked"),
      "user.UserDeleted": ({ userId }) => ({ ...initial, userId })
    }
  })

/** With the limits a node has unless it is told others. */
export const User = userOf({ verify: NodeEd25519.verify, skewMsMax: 300_000, forksMax: 16 })
