/** The law of how accounts stand, decision by decision. */
import * as Actor from "@vivim/actor/Actor"
import { CommandId, Did, nodeItself } from "@vivim/event-schemas/ids"
import {
  AccountBanned,
  AccountReinstated,
  AccountSuspended,
  RoleGranted,
  RoleWithdrawn,
  type StandingEvent
} from "@vivim/event-schemas/standing/index"
import { assert, describe, it } from "vitest"
import { Standing } from "./Standing.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const [ada, bo, cy, dee] = ["did:key:zAda", "did:key:zBo", "did:key:zCy", "did:key:zDee"].map((did) =>
  Did.make(did)
) as [Did, Did, Did, Did]
const after = (...events: ReadonlyArray<StandingEvent>) => Actor.fold(Standing, Standing.initial, events)
const by = (who: Did) => ({ at: 1_000, by: who, device: null, id: commandId })
const reason = "because"
const said = (decision: any): string =>
  decision._tag === "Accept" ? decision.events.map(({ _tag }: any) => _tag).join() : decision.refusal._tag

const granted = (userId: Did, role: "admin" | "moderator" | "operator") => RoleGranted({ userId, role, reason })
/** Ada is an admin, Bo a moderator, Cy and Dee are users. */
const usual = after(granted(ada, "admin"), granted(bo, "moderator"))

const { BanAccount, GrantRole, ReinstateAccount, SuspendAccount, WithdrawRole } = Standing.decide
const grant = (state: typeof usual, who: Did, userId: Did, role: "admin" | "moderator" = "moderator") =>
  said(GrantRole(state, { commandId, userId, role, reason }, by(who)))
const withdraw = (state: typeof usual, who: Did, userId: Did, role: "admin" | "moderator" = "admin") =>
  said(WithdrawRole(state, { commandId, userId, role, reason }, by(who)))
const suspend = (state: typeof usual, who: Did, userId: Did, until: number | null = null) =>
  said(SuspendAccount(state, { commandId, userId, until, reason }, by(who)))
const ban = (state: typeof usual, who: Did, userId: Did) =>
  said(BanAccount(state, { commandId, userId, reason }, by(who)))
const reinstate = (state: typeof usual, who: Did, userId: Did) =>
  said(ReinstateAccount(state, { commandId, userId, reason }, by(who)))

describe("Standing", () => {
  it("A1 admins, and whoever runs the node, grant and withdraw roles", () => {
    assert.strictEqual(grant(after(), nodeItself, ada, "admin"), "standing.RoleGranted")
    assert.strictEqual(grant(usual, ada, cy), "standing.RoleGranted")
    assert.strictEqual(grant(usual, ada, bo), "NothingToChange")
    for (const who of [bo, cy]) assert.strictEqual(grant(usual, who, who, "admin"), "NotAllowed")
    assert.strictEqual(withdraw(usual, ada, bo, "moderator"), "standing.RoleWithdrawn")
    assert.strictEqual(withdraw(usual, ada, cy, "moderator"), "NothingToChange")
    const none = after(granted(bo, "moderator"), RoleWithdrawn({ userId: bo, role: "moderator", reason }))
    assert.strictEqual(suspend(none, bo, cy), "NotAllowed")
  })

  it("A2 a moderator suspends and lets come back; an admin bans, and decides about who holds a role", () => {
    assert.strictEqual(suspend(usual, bo, cy), "standing.AccountSuspended")
    assert.strictEqual(suspend(usual, bo, cy, 1_000), "NothingToChange", "that time is over")
    assert.strictEqual(suspend(usual, cy, dee), "NotAllowed")
    assert.strictEqual(ban(usual, bo, cy), "NotAllowed")
    assert.strictEqual(ban(usual, ada, cy), "standing.AccountBanned")
    assert.strictEqual(suspend(usual, bo, ada), "NotAllowed", "an admin decides about admins")
    const rests = after(
      granted(ada, "admin"),
      granted(bo, "moderator"),
      AccountSuspended({ userId: cy, until: null, reason })
    )
    assert.strictEqual(suspend(rests, bo, cy), "NothingToChange")
    assert.strictEqual(suspend(rests, bo, cy, 2_000), "standing.AccountSuspended", "for another time")
    assert.strictEqual(reinstate(rests, bo, cy), "standing.AccountReinstated")
    assert.strictEqual(reinstate(rests, bo, dee), "NothingToChange")
    const banned = after(granted(ada, "admin"), granted(bo, "moderator"), AccountBanned({ userId: cy, reason }))
    assert.strictEqual(reinstate(banned, bo, cy), "NotAllowed")
    assert.strictEqual(reinstate(banned, ada, cy), "standing.AccountReinstated")
    assert.strictEqual(ban(banned, ada, cy), "NothingToChange")
    const back = Actor.fold(Standing, banned, [AccountReinstated({ userId: cy, reason })])
    assert.deepStrictEqual(back, usual)
  })

  it("A3 the last admin who may act keeps the role, also against the node itself", () => {
    assert.strictEqual(withdraw(usual, ada, ada), "LastAdmin")
    assert.strictEqual(withdraw(usual, nodeItself, ada), "LastAdmin")
    assert.strictEqual(suspend(usual, nodeItself, ada), "LastAdmin")
    assert.strictEqual(ban(usual, nodeItself, ada), "LastAdmin")
    const two = after(granted(ada, "admin"), granted(cy, "admin"))
    assert.strictEqual(withdraw(two, ada, ada), "standing.RoleWithdrawn")
    const oneRests = Actor.fold(Standing, two, [AccountSuspended({ userId: cy, until: null, reason })])
    assert.strictEqual(withdraw(oneRests, ada, ada), "LastAdmin", "who rests is no admin that is left")
    assert.strictEqual(withdraw(oneRests, ada, cy), "standing.RoleWithdrawn")
  })

  it("A4 nobody decides about themselves", () => {
    const two = after(granted(ada, "admin"), granted(cy, "admin"))
    for (const decide of [suspend, ban, reinstate]) assert.strictEqual(decide(two, ada, ada), "NotAllowed")
  })
})
