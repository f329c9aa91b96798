/** The law of an account that has a log, from operations signed by real keys. */
import * as Actor from "@vivim/actor/Actor"
import { OperationRefused, Stated } from "@vivim/contract/Identity"
import { NotAllowed } from "@vivim/contract/Refusal"
import { NoSuchDevice, WrapsBehind } from "@vivim/contract/User"
import { device, genesis, type Holder, holder, next, without } from "@vivim/crypto/did/LogExample"
import * as Operation from "@vivim/crypto/did/Operation"
import { CommandId, DisplayName, Handle } from "@vivim/event-schemas/ids"
import { LogForked, OperationStated, UserDeleted } from "@vivim/event-schemas/user/index"
import { assert, describe, it } from "vitest"
import { hex } from "./Identity.ts"
import { User } from "./User.ts"
import type { UserState } from "./UserState.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const displayName = DisplayName.make("Ada")
const handle = Handle.make("ada")

/** A key as long as it must be, and the holder that has it. */
const keyed = (name: string): Holder & { readonly publicKey: Uint8Array } => {
  const publicKey = new Uint8Array(1_216).fill(name.length)
  return { ...holder(name), publicKey, kem: Operation.hashOf(publicKey) }
}
const [kit, phone, laptop] = [holder("kit"), keyed("phone"), keyed("laptop")]
const begun = genesis([kit], phone, 1_000)
const userId = begun.did
const as = (at: number, by = userId) => ({ at, by, device: null, id: commandId })

const register = {
  commandId,
  userId,
  handle,
  displayName,
  genesis: { operation: begun.bytes, kemKeys: [phone.publicKey] }
}
const { decide } = User
const brought = (state: UserState, operation: Uint8Array, at: number, ...kemKeys: ReadonlyArray<Uint8Array>) =>
  decide.StateOperation(state, { commandId, userId, operation, kemKeys }, as(at))
const after = (state: UserState, decision: Actor.Decision<any, any>) => {
  assert.strictEqual(decision._tag, "Accept", JSON.stringify(decision))
  return decision._tag === "Accept" ? Actor.fold(User, state, decision.events) : state
}
const refused = (reason: string) => Actor.refuse(new OperationRefused({ userId, reason }))

const account = after(User.initial, decide.RegisterUser(User.initial, register, as(1_000)))
const withLaptop = next(begun.bytes, phone, 2_000, { devices: { ...device(phone, 1), ...device(laptop, 0) } })
const two = after(account, brought(account, withLaptop, 2_000, laptop.publicKey))

describe("an account with a log", () => {
  it("A1 begins with the operation its DID commits to, and its devices are those of the log", () => {
    assert.deepStrictEqual(account.devices, new Map([[phone.deviceId, "active"]]))
    assert.deepStrictEqual(two.devices, new Map([[phone.deviceId, "active"], [laptop.deviceId, "active"]]))
    const { genesis: _, ...bare } = register
    assert.deepStrictEqual(decide.RegisterUser(User.initial, bare, as(1_000)), refused("NoGenesis"))
    const other = { ...register, genesis: { ...register.genesis, operation: withLaptop } }
    assert.deepStrictEqual(decide.RegisterUser(User.initial, other, as(1_000)), refused("NotThisAccount"))
    assert.deepStrictEqual(
      decide.RegisterUser(User.initial, register, as(1_000, "did:key:zBo" as never)),
      Actor.refuse(new NotAllowed({ message: "an account is opened by its user alone" }))
    )
  })

  it("A1 whoever brings an operation, it counts by its signature and its time", () => {
    const command = { commandId, userId, operation: withLaptop, kemKeys: [laptop.publicKey] }
    assert.strictEqual(decide.StateOperation(account, command, as(2_000, "did:key:zBo" as never))._tag, "Accept")
    assert.deepStrictEqual(brought(account, withLaptop, 302_001, laptop.publicKey), refused("ClockAway"))
    assert.deepStrictEqual(brought(two, withLaptop, 2_000, laptop.publicKey), refused("AlreadyStated"))
    assert.deepStrictEqual(brought({ ...two, log: null }, withLaptop, 2_000), refused("NoLog"))
  })

  it("A4 a log from another node counts as a whole, with its newest operation of just now, or not at all", () => {
    const years = 100_000_000_000
    const moves = next(withLaptop, kit, years, { devices: device(phone, 2) })
    const [{ operation: first }, key] = [register.genesis, phone.publicKey]
    const arriving = (
      last: Uint8Array = moves,
      kemKeys: ReadonlyArray<Uint8Array> = [key],
      at = years,
      begins = first
    ) =>
      decide.RegisterUser(User.initial, {
        ...register,
        genesis: { operation: begins, kemKeys: [] },
        after: [{ operation: withLaptop, kemKeys: [] }, { operation: last, kemKeys }]
      }, as(at))
    const here = after(User.initial, arriving())
    assert.deepStrictEqual(here.devices.get(laptop.deviceId), "revoked")
    assert.deepStrictEqual(here.devices.get(phone.deviceId), "active")
    assert.strictEqual(here.log?.chain.length, 3)
    assert.deepStrictEqual(arriving(moves, [key], years + 300_001), refused("ClockAway"))
    assert.deepStrictEqual(arriving(moves, []), refused("KeysMissing"))
    assert.deepStrictEqual(arriving(moves, [key, new Uint8Array(1_216)]), refused("KeysMissing"))
    assert.deepStrictEqual(arriving(withLaptop), refused("AlreadyStated"))
    assert.deepStrictEqual(arriving(moves.with(moves.length - 1, moves.at(-1)! ^ 1)), refused("NotAnOperation"))
    const another = genesis([kit], laptop, 1_000)
    assert.deepStrictEqual(arriving(moves, [key], years, another.bytes), refused("NotThisAccount"))
    assert.deepStrictEqual(decide.RegisterUser(here, register, as(years))._tag, "Refuse")
  })

  it("A1 says beside the operation what it changed, and a recovery key gives devices back", () => {
    const robbed = next(withLaptop, laptop, 3_000, { devices: without(withLaptop, phone) })
    const decision = brought(two, robbed, 3_000)
    assert.deepInclude(decision, { _tag: "Accept" })
    const [event] = decision._tag === "Accept" ? decision.events : []
    assert.deepInclude(event, { seq: 2, voided: 0, added: [], rekeyed: [], removed: [phone.deviceId], closed: false })
    const back = next(withLaptop, kit, 4_000, { devices: device(phone, 2) })
    const lost = after(two, decision)
    const restored = brought(lost, back, 4_000, phone.publicKey)
    const [recovery] = restored._tag === "Accept" ? restored.events : []
    const wanted = { deviceId: phone.deviceId, kem: hex(phone.kem) }
    assert.deepInclude(recovery, { seq: 2, voided: 1, added: [wanted], removed: [laptop.deviceId] })
    assert.deepStrictEqual(
      after(lost, restored).devices,
      new Map([[phone.deviceId, "active"], [laptop.deviceId, "revoked"]])
    )
    const receipt = { stream: "user/x", version: 1, position: 1 } as never
    const answer = (events: ReadonlyArray<any>) => User.answer!.StateOperation!(receipt, events)
    assert.deepStrictEqual(answer([recovery]), new Stated({ ...receipt as object, outcome: "voided" } as never))
    assert.strictEqual(answer([event]).outcome, "stated")
  })

  it("A2 a device comes with the key the operation names by its hash, and no other comes with it", () => {
    assert.deepStrictEqual(brought(account, withLaptop, 2_000), refused("KeysMissing"))
    assert.deepStrictEqual(brought(account, withLaptop, 2_000, phone.publicKey), refused("KeysMissing"))
    const both = [laptop.publicKey, phone.publicKey]
    assert.deepStrictEqual(brought(account, withLaptop, 2_000, ...both), refused("KeysMissing"))
  })

  it("A3 a second successor is evidence, once, and for so many", () => {
    const rival = next(begun.bytes, phone, 2_500, { aka: ["at:rival"] })
    const decision = brought(two, rival, 2_500)
    const kept = hex(Operation.hashOf(withLaptop))
    assert.deepStrictEqual(decision, Actor.accept(LogForked({ userId, seq: 1, kept, rival })))
    const seen = after(two, decision)
    assert.deepStrictEqual(seen.devices, two.devices)
    assert.deepStrictEqual(brought(seen, rival, 2_500), refused("Forked"))
    const many = Array.from({ length: 16 }, (_, n) => next(begun.bytes, phone, 2_500, { aka: [`at:${n}`] }))
    const full = many.reduce((state, one) => after(state, brought(state, one, 2_500)), two)
    assert.deepStrictEqual(brought(full, rival, 2_500), refused("Forked"))
  })

  it("U3 devices of an account with a log come and go by its log alone", () => {
    const no = Actor.refuse(new NotAllowed({ message: "the devices of this account are said in its log" }))
    const asked = { commandId, userId, deviceId: phone.deviceId }
    assert.deepStrictEqual(decide.AddDevice(two, { ...asked, name: displayName }, as(1)), no)
    assert.deepStrictEqual(decide.RevokeDevice(two, asked, as(1)), no)
    assert.strictEqual(decide.NameDevice(two, { ...asked, name: displayName }, as(1))._tag, "Accept")
  })

  it("U5 master keys are sealed to active devices and the kit, generation after generation", () => {
    const keep = (state: UserState, generation: number, deviceId: Holder["deviceId"] | null) =>
      decide.KeepKeyWraps(
        state,
        { commandId, userId, generation, wraps: [{ deviceId, sealed: Uint8Array.of(1) }] },
        as(1)
      )
    const first = after(two, keep(two, 1, phone.deviceId))
    const second = after(first, keep(after(first, keep(first, 1, null)), 2, null))
    assert.strictEqual(second.generation, 2)
    for (const generation of [1, 4]) {
      assert.deepStrictEqual(keep(second, generation, null), Actor.refuse(new WrapsBehind({ generation: 2 })))
    }
    // Made just now, and another device was faster.
    const made = (generation: number) =>
      decide.KeepKeyWraps(second, { commandId, userId, generation, fresh: true, wraps: [] }, as(1))
    assert.deepStrictEqual(made(2), Actor.refuse(new WrapsBehind({ generation: 2 })))
    assert.strictEqual(made(3)._tag, "Accept")
    const { deviceId } = holder("stranger")
    assert.deepStrictEqual(keep(two, 1, deviceId), Actor.refuse(new NoSuchDevice({ deviceId })))
  })

  it("U4 an account that left keeps nothing of its log, and hears no operation", () => {
    const gone = Actor.fold(User, two, [UserDeleted({ userId })])
    assert.deepStrictEqual(gone, { ...User.initial, userId })
    assert.strictEqual(brought(gone, withLaptop, 2_000)._tag, "Refuse")
    assert.strictEqual(OperationStated.tag, "user.OperationStated")
  })
})
