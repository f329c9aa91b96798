/** The law of an account. */
import * as Actor from "@vivim/actor/Actor"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import { DeviceTaken, NoSuchDevice, NoSuchUser, UserTaken } from "@vivim/contract/User"
import { CommandId, DeviceId, Did, DisplayName, Handle } from "@vivim/event-schemas/ids"
import {
  DeviceAdded,
  DeviceRevoked,
  PrivacyChosen,
  ProfileChanged,
  StoreKeyReplaced,
  UserDeleted,
  type UserEvent,
  UserRegistered
} from "@vivim/event-schemas/user/index"
import { assert, describe, it } from "vitest"
import { User } from "./User.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
const [phone, laptop] = [DeviceId.make("phone"), DeviceId.make("laptop")]
const [name, other] = [DisplayName.make("Ada"), DisplayName.make("Countess")]
const handle = Handle.make("ada")

const as = (by: Did) => ({ at: 1, by, device: null, id: commandId })
const after = (...events: ReadonlyArray<UserEvent>) => Actor.fold(User, User.initial, events)
const registered = UserRegistered({ userId: ada, handle, displayName: name })
const added = DeviceAdded({ userId: ada, deviceId: phone, name })
const account = after(registered, added)

const register = { commandId, userId: ada, handle, displayName: name }
const profile = { commandId, userId: ada, displayName: other, bio: "tea" }
const addPhone = { commandId, userId: ada, deviceId: phone, name }
const revokePhone = { commandId, userId: ada, deviceId: phone }

describe("User", () => {
  it("U1 an account is opened once, by the one whose DID it is", () => {
    const { RegisterUser } = User.decide
    assert.deepStrictEqual(RegisterUser(after(), register, as(ada)), Actor.accept(registered))
    assert.deepStrictEqual(
      RegisterUser(after(), register, as(bo)),
      Actor.refuse(new NotAllowed({ message: "an account is opened by its user alone" }))
    )
    assert.deepStrictEqual(RegisterUser(account, register, as(ada)), Actor.refuse(new UserTaken({ userId: ada })))
  })

  it("U6 how private things are to be is served until its user says otherwise", () => {
    const choose = (privacy: "served" | "sealed") => ({ commandId, userId: ada, privacy })
    const already = Actor.refuse(new NothingToChange({ message: "that is how it is already" }))
    assert.deepStrictEqual(User.decide.ChoosePrivacy(account, choose("served"), as(ada)), already)
    const chosen = PrivacyChosen({ userId: ada, privacy: "sealed" })
    assert.deepStrictEqual(User.decide.ChoosePrivacy(account, choose("sealed"), as(ada)), Actor.accept(chosen))
    const sealed = after(registered, chosen)
    assert.deepStrictEqual(User.decide.ChoosePrivacy(sealed, choose("sealed"), as(ada)), already)
    assert.strictEqual(User.decide.ChoosePrivacy(account, choose("sealed"), as(bo))._tag, "Refuse")
  })

  it("U2 only the user changes the account, and only to something else", () => {
    const refused = Actor.refuse(new NotAllowed({ message: "an account is changed by its user alone" }))
    assert.deepStrictEqual(User.decide.ChangeProfile(account, profile, as(bo)), refused)
    assert.deepStrictEqual(User.decide.AddDevice(account, addPhone, as(bo)), refused)
    assert.deepStrictEqual(User.decide.RevokeDevice(account, revokePhone, as(bo)), refused)
    assert.deepStrictEqual(User.decide.DeleteUser(account, { commandId, userId: ada }, as(bo)), refused)

    const changed = ProfileChanged({ userId: ada, displayName: other, bio: "tea" })
    assert.deepStrictEqual(User.decide.ChangeProfile(account, profile, as(ada)), Actor.accept(changed))
    assert.deepStrictEqual(
      User.decide.ChangeProfile(after(registered, changed), profile, as(ada)),
      Actor.refuse(new NothingToChange({ message: "the profile reads so already" }))
    )
  })

  it("U3 a device id is used once; a revoked one never comes back", () => {
    const revoked = after(registered, added, DeviceRevoked({ userId: ada, deviceId: phone }))
    const taken = Actor.refuse(new DeviceTaken({ deviceId: phone }))
    assert.deepStrictEqual(User.decide.AddDevice(after(registered), addPhone, as(ada)), Actor.accept(added))
    assert.deepStrictEqual(User.decide.AddDevice(account, addPhone, as(ada)), taken)
    assert.deepStrictEqual(User.decide.AddDevice(revoked, addPhone, as(ada)), taken)
    assert.deepStrictEqual(
      User.decide.RevokeDevice(account, revokePhone, as(ada)),
      Actor.accept(DeviceRevoked({ userId: ada, deviceId: phone }))
    )
    for (const deviceId of [phone, laptop]) {
      assert.deepStrictEqual(
        User.decide.RevokeDevice(revoked, { ...revokePhone, deviceId }, as(ada)),
        Actor.refuse(new NoSuchDevice({ deviceId }))
      )
    }
  })

  it("U4 a deleted account hears nothing any more, and nobody takes its place", () => {
    const deleted = after(registered, added, UserDeleted({ userId: ada }))
    const gone = Actor.refuse(new NoSuchUser({ userId: ada }))
    assert.deepStrictEqual(User.decide.ChangeProfile(deleted, profile, as(ada)), gone)
    assert.deepStrictEqual(User.decide.AddDevice(deleted, addPhone, as(ada)), gone)
    assert.deepStrictEqual(User.decide.RevokeDevice(deleted, revokePhone, as(ada)), gone)
    assert.deepStrictEqual(User.decide.DeleteUser(deleted, { commandId, userId: ada }, as(ada)), gone)
    assert.deepStrictEqual(
      User.decide.RegisterUser(deleted, register, as(ada)),
      Actor.refuse(new UserTaken({ userId: ada }))
    )
    assert.deepStrictEqual(deleted.devices, new Map())
    assert.strictEqual(deleted.displayName, "")
  })

  it("U7 a store key that was replaced is noted once", () => {
    const note = (generation: number) => ({ commandId, userId: ada, generation })
    const replaced = StoreKeyReplaced({ userId: ada, generation: 2 })
    assert.deepStrictEqual(User.decide.NoteStoreKey(account, note(2), as(ada)), Actor.accept(replaced))
    const then = after(registered, replaced)
    const noted = Actor.refuse(new NothingToChange({ message: "it is noted already" }))
    assert.deepStrictEqual(User.decide.NoteStoreKey(then, note(2), as(ada)), noted)
    const later = StoreKeyReplaced({ userId: ada, generation: 4 })
    assert.deepStrictEqual(User.decide.NoteStoreKey(then, note(4), as(ada)), Actor.accept(later))
  })
})
