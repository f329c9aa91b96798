/** Who goes by a handle. */
import * as Actor from "@vivim/actor/Actor"
import { HandleLapsed, HandleReserved, HandleTaken } from "@vivim/contract/Handle"
import { NothingToChange } from "@vivim/contract/Refusal"
import { HandleClaimed, HandleKept, HandleRetired } from "@vivim/event-schemas/handle/index"
import { CommandId, Did, Handle as Name } from "@vivim/event-schemas/ids"
import { assert, describe, it } from "vitest"
import { Handle } from "./Handle.ts"
import { HandleProcess } from "./HandleProcess.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
const handle = Name.make("ada")
const as = (at: number) => ({ at, by: ada, device: null, id: commandId })
const after = (...events: ReadonlyArray<any>) => Actor.fold(Handle, Handle.initial, events)
const claim = (state: ReturnType<typeof after>, userId: Did, at: number, instead: Did | null = null, name = handle) =>
  Handle.decide.ClaimHandle(state, { commandId, handle: name, userId, until: at + 10, instead }, as(at))
const keep = (state: ReturnType<typeof after>, userId: Did) =>
  Handle.decide.KeepHandle(state, { commandId, handle, userId }, as(1))
const retire = (state: ReturnType<typeof after>, userId: Did) =>
  Handle.decide.RetireHandle(state, { commandId, handle, userId }, as(1))

const claimed = HandleClaimed({ handle, userId: ada, until: 10 })
const kept = HandleKept({ handle, userId: ada })
const taken = Actor.refuse(new HandleTaken({ handle }))
const already = Actor.refuse(new NothingToChange({ message: "the account has this handle already" }))

describe("a handle", () => {
  it("H1 is held for the first, and kept by the account opened with it", () => {
    assert.deepStrictEqual(claim(after(), ada, 0), Actor.accept(claimed))
    assert.deepStrictEqual(claim(after(claimed), bo, 10), taken)
    assert.deepStrictEqual(claim(after(claimed), bo, 10, ada), taken)
    assert.strictEqual(claim(after(claimed), ada, 5)._tag, "Accept")
    assert.deepStrictEqual(keep(after(claimed), ada), Actor.accept(kept))
    assert.deepStrictEqual(keep(after(), ada), Actor.accept(kept))
    assert.deepStrictEqual(keep(after(claimed), bo), taken)
    assert.deepStrictEqual(keep(after(claimed, kept), ada), already)
    assert.deepStrictEqual(claim(after(claimed, kept), ada, 5), already)
  })

  it("H1 goes on when its time has passed, to whoever has seen that there is no account", () => {
    const lapsed = Actor.refuse(new HandleLapsed({ handle, userId: ada }))
    assert.deepStrictEqual(claim(after(claimed), bo, 11), lapsed)
    assert.deepStrictEqual(claim(after(claimed), bo, 11, bo), lapsed)
    const next = HandleClaimed({ handle, userId: bo, until: 21 })
    assert.deepStrictEqual(claim(after(claimed), bo, 11, ada), Actor.accept(next))
    assert.deepStrictEqual(claim(after(claimed, kept), bo, 99, ada), taken)
  })

  it("H2 names of the node are nobody's, however they are written", () => {
    for (
      const name of ["admin", "adm1n", "a.d.m.i.n", "adrnin", "root", "r00t", "api", "node", "vivim", "vvvvvv", "tea"]
    ) {
      const asked = Name.make(name)
      const decision = claim(after(), ada, 0, null, asked)
      if (name === "tea") assert.strictEqual(decision._tag, "Accept")
      else assert.deepStrictEqual(decision, Actor.refuse(new HandleReserved({ handle: asked })), name)
    }
  })

  it("H3 goes to nobody else when its account is gone", () => {
    const gone = after(claimed, kept, HandleRetired({ handle, userId: ada }))
    assert.deepStrictEqual(retire(after(kept), ada), Actor.accept(HandleRetired({ handle, userId: ada })))
    assert.deepStrictEqual(retire(after(kept), bo), taken)
    assert.deepStrictEqual(claim(gone, bo, 1e12, ada), taken)
    assert.deepStrictEqual(keep(gone, bo), taken)
  })

  it("P1 follows the account: kept when that is open, retired when it is gone", () => {
    const { react } = HandleProcess
    const cause = {} as never
    const registered = { _tag: "user.UserRegistered", userId: ada, handle } as const
    const [remembered, asked] = react["user.UserRegistered"]!(registered, cause, null)
    assert.deepStrictEqual(remembered, { _tag: "Remember", memory: { handle } })
    assert.deepInclude(asked, { kind: "handle", tag: "KeepHandle", payload: { handle, userId: ada }, by: ada })
    const left = { _tag: "user.UserDeleted", userId: ada } as const
    const [last, forgotten] = react["user.UserDeleted"]!(left, cause, { handle })
    assert.deepInclude(last, { kind: "handle", tag: "RetireHandle", payload: { handle, userId: ada }, by: ada })
    assert.deepStrictEqual(forgotten, { _tag: "Remember", memory: null })
    assert.deepStrictEqual(react["user.UserDeleted"]!(left, cause, null), [])
  })
})
