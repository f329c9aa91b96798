/**
 * How accounts stand on this node: one actor for all of them, for whether an admin is left is a question about all of them.
 *
 * A1  Roles are granted and withdrawn by admins; whoever runs the node (it decides as the node itself) is one.
 * A2  A moderator has accounts rest and act again; only an admin shuts one out, and only an admin decides about those who hold a role.
 * A3  The last admin keeps the role, and is neither suspended nor banned.
 * A4  Nobody suspends, bans or reinstates themselves.
 */
import * as Actor from "@vivim/actor/Actor"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import { LastAdmin, StandingAddress } from "@vivim/contract/Standing"
import { Did, Millis, nodeItself } from "@vivim/event-schemas/ids"
import {
  AccountBanned,
  AccountReinstated,
  AccountSuspended,
  RoleGranted,
  RoleWithdrawn,
  StandingEvents
} from "@vivim/event-schemas/standing/index"
import { Role } from "@vivim/event-schemas/standing/Role"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

/** Only who is more or less than a user is remembered. */
const StandingState = Schema.Struct({
  roles: Schema.ReadonlyMap({ key: Did, value: Schema.Array(Role) }),
  rests: Schema.ReadonlyMap({
    key: Did,
    value: Schema.Struct({ banned: Schema.Boolean, until: Schema.NullOr(Millis) })
  })
})
export type StandingState = typeof StandingState.Type

const rolesOf = ({ roles }: StandingState, userId: Did): ReadonlyArray<Role> => roles.get(userId) ?? []
const is = (state: StandingState, userId: Did, role: Role): boolean =>
  userId === nodeItself || rolesOf(state, userId).some((held) => held === role || held === "admin")
/** Admins who may act. */
const admins = ({ rests, roles }: StandingState): ReadonlyArray<Did> =>
  [...roles].filter(([userId, held]) => held.includes("admin") && !rests.has(userId)).map(([userId]) => userId)
const isLastAdmin = (state: StandingState, userId: Did): boolean =>
  admins(state).length === 1 && admins(state)[0] === userId

/** Refuses who does not hold the role, and goes on for who does. */
const by =
  <Command, D>(role: Role, decide: (state: StandingState, command: Command, circumstance: Actor.Circumstance) => D) =>
  (state: StandingState, command: Command, circumstance: Actor.Circumstance) =>
    is(state, circumstance.by, role)
      ? decide(state, command, circumstance)
      : refuse(new NotAllowed({ message: `this is for a ${role}` }))

/** A decision about somebody's account: not about one's own, nor about who holds a role unless by an admin. */
const about = <Command extends { readonly userId: Did }, D>(
  role: Role,
  decide: (state: StandingState, command: Command, circumstance: Actor.Circumstance) => D
) =>
  by(role, (state, command: Command, circumstance) => {
    const { by } = circumstance
    if (by === command.userId) return refuse(new NotAllowed({ message: "nobody decides about their own account" }))
    if (rolesOf(state, command.userId).length > 0 && !is(state, by, "admin")) {
      return refuse(new NotAllowed({ message: "an admin decides about who holds a role" }))
    }
    return decide(state, command, circumstance)
  })

const already = (message: string) => refuse(new NothingToChange({ message }))

export const Standing = Actor.make({
  address: StandingAddress,
  events: StandingEvents,
  initial: { roles: new Map(), rests: new Map() } as StandingState,
  snapshot: { version: 1, schema: StandingState },
  owner: () => nodeItself,

  decide: {
    GrantRole: by(
      "admin",
      (state, { reason, role, userId }) =>
        rolesOf(state, userId).includes(role)
          ? already("the account has that role")
          : accept(RoleGranted({ userId, role, reason }))
    ),

    WithdrawRole: by("admin", (state, { reason, role, userId }) => {
      if (!rolesOf(state, userId).includes(role)) return already("the account does not have that role")
      return role === "admin" && isLastAdmin(state, userId)
        ? refuse(new LastAdmin({ userId }))
        : accept(RoleWithdrawn({ userId, role, reason }))
    }),

    SuspendAccount: about("moderator", (state, { reason, until, userId }, { at }) => {
      const rest = state.rests.get(userId)
      if (isLastAdmin(state, userId)) return refuse(new LastAdmin({ userId }))
      if (until !== null && until <= at) return already("that time is over")
      return rest !== undefined && (rest.banned || rest.until === until)
        ? already("the account rests already")
        : accept(AccountSuspended({ userId, until, reason }))
    }),

    BanAccount: about("admin", (state, { reason, userId }) => {
      if (isLastAdmin(state, userId)) return refuse(new LastAdmin({ userId }))
      return state.rests.get(userId)?.banned === true
        ? already("the account is banned")
        : accept(AccountBanned({ userId, reason }))
    }),

    ReinstateAccount: about("moderator", (state, { reason, userId }, circumstance) => {
      const rest = state.rests.get(userId)
      if (rest === undefined) return already("the account does not rest")
      return rest.banned && !is(state, circumstance.by, "admin")
        ? refuse(new NotAllowed({ message: "an admin decides about a ban" }))
        : accept(AccountReinstated({ userId, reason }))
    })
  },

  evolve: {
    "standing.RoleGranted": (state, { role, userId }) => ({
      ...state,
      roles: new Map(state.roles).set(userId, [...rolesOf(state, userId), role])
    }),
    "standing.RoleWithdrawn": (state, { role, userId }) => {
      const left = rolesOf(state, userId).filter((held) => held !== role)
      const roles = new Map(state.roles)
      if (left.length === 0) roles.delete(userId)
      else roles.set(userId, left)
      return { ...state, roles }
    },
    "standing.AccountSuspended": (state, { until, userId }) => ({
      ...state,
      rests: new Map(state.rests).set(userId, { banned: false, until })
    }),
    "standing.AccountBanned": (state, { userId }) => ({
      ...state,
      rests: new Map(state.rests).set(userId, { banned: true, until: null })
    }),
    "standing.AccountReinstated": (state, { userId }) => {
      const rests = new Map(state.rests)
      rests.delete(userId)
      return { ...state, rests }
    }
  }
})
