/** How accounts stand on a node: who may do what here, who rests, and what is known of whom. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Did, Handle, Millis } from "@vivim/event-schemas/ids"
import { Reason, Role } from "@vivim/event-schemas/standing/Role"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command, watch } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"
import { NoSuchUser } from "./User.ts"

/** Nobody would be left to say who may do what. */
export class LastAdmin extends Schema.TaggedError<LastAdmin>()("LastAdmin", { userId: Did }) {}

export const AccountState = Schema.Literal("active", "suspended", "banned", "deleted")
export type AccountState = typeof AccountState.Type

const grants = { role: "admin", stepUp: true } as const
const moderates = { role: "moderator", stepUp: true } as const
const Refusals = Schema.Union(NothingToChange, LastAdmin)

export class StandingCommands extends RpcGroup.make(
  command("GrantRole", "POST /users/:userId/roles", "Let an account do more", {
    payload: { userId: Did, role: Role, reason: Reason },
    refusals: Refusals,
    needs: grants
  }),
  command("WithdrawRole", "DELETE /users/:userId/roles/:role", "Take a role back", {
    payload: { userId: Did, role: Role, reason: Reason },
    refusals: Refusals,
    needs: grants
  }),
  command(
    "SuspendAccount",
    "POST /users/:userId/suspension",
    "Have an account rest, for a time or until further notice",
    {
      payload: { userId: Did, until: Schema.NullOr(Millis), reason: Reason },
      refusals: Refusals,
      needs: moderates
    }
  ),
  command("BanAccount", "POST /users/:userId/ban", "Shut an account out", {
    payload: { userId: Did, reason: Reason },
    refusals: Refusals,
    needs: grants
  }),
  command("ReinstateAccount", "POST /users/:userId/reinstatement", "Let a suspended or banned account act again", {
    payload: { userId: Did, reason: Reason },
    refusals: Refusals,
    needs: moderates
  })
) {}

/** One actor for the whole node: that an admin is left is a question about all of them. */
export const StandingAddress = Address.make({ kind: "standing", commands: StandingCommands, id: () => "node" })

/** An account's standing. What the two figures are made of stands in `packages/standing/src/Trust.ts`. */
export const Standing = Schema.Struct({
  userId: Did,
  handle: Schema.NullOr(Handle),
  state: AccountState,
  /** When a suspension ends by itself. */
  until: Schema.NullOr(Millis),
  roles: Schema.Array(Role),
  /** From 0 to 1. */
  trustScore: Schema.Number,
  verificationLevel: Schema.Int
})
export type Standing = typeof Standing.Type

export class StandingViews extends RpcGroup.make(
  watch("WatchStandings", "GET /standings", "How the accounts of this node stand", {
    payload: {},
    success: Schema.Array(Standing),
    refusals: Schema.Never,
    needs: { role: "moderator" }
  }),
  watch("WatchStanding", "GET /account/standing", "How you stand on this node", {
    payload: {},
    success: Standing,
    refusals: NoSuchUser,
    needs: { role: "user", whileSuspended: true }
  })
) {}
