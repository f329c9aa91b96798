/** `vivim role`, `vivim suspend`, `vivim ban`, `vivim reinstate`: how an account stands on the node; `vivim standings` shows all of them. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { type Calls, VivimClient } from "@vivim/client/VivimClient"
import { NothingToChange } from "@vivim/contract/Refusal"
import { LastAdmin, type Standing } from "@vivim/contract/Standing"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { Did } from "@vivim/event-schemas/ids"
import type { Role } from "@vivim/event-schemas/standing/Role"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const account = Args.text({ name: "account" }).pipe(Args.withDescription("The handle or DID of the account"))
const role = Args.choice<Role>([["moderator", "moderator"], ["operator", "operator"], ["admin", "admin"]], {
  name: "role"
})
const reason = Options.text("reason").pipe(
  Options.withDescription("Why: kept, sealed, beside the decision"),
  Options.withDefault("")
)
const during = Options.text("for").pipe(
  Options.withDescription("How long, such as \"7 days\"; until further notice unless given"),
  Options.optional
)

/** What the node says no to, in words. */
const explained = <E>(error: E) => {
  if (error instanceof NothingToChange) return refused(`Nothing to do: ${error.message}.`)
  return error instanceof LastAdmin
    ? refused(`${error.userId} is the last admin: grant the role to somebody else first.`)
    : error
}

/** The account of this handle or DID. */
const find = Effect.fnUntraced(function*(name: string) {
  const node = yield* VivimClient
  const users = Option.getOrElse(yield* Stream.runHead(node.WatchUsers({})), () => [])
  const found = users.filter(({ handle, userId }) => handle === name || userId === name)
  if (found.length === 1) return found[0]!.userId
  return yield* refused(found.length === 0 ? `There is no account ${name}.` : `${name} are several: name the DID.`)
})

interface Decided {
  readonly commandId: Effect.Effect.Success<typeof CommandIds.next>
  readonly userId: Did
  readonly reason: string
}

type Given = { readonly account: string; readonly reason: string; readonly json: boolean }

/** Decides about an account, and says so. */
const decide = <E>(
  given: Given,
  done: string,
  ask: (node: Calls, decided: Decided) => Effect.Effect<unknown, E>
) =>
  withNode(undefined, () =>
    Effect.gen(function*() {
      const userId = yield* find(given.account)
      const decided = { commandId: yield* CommandIds.next, userId, reason: given.reason }
      const receipt = yield* Effect.mapError(ask(yield* VivimClient, decided), explained)
      yield* given.json ? printJson(receipt) : print(`${given.account} ${done}.`)
    }))

const grant = Command.make(
  "grant",
  { account, role, reason, json },
  (given) => decide(given, `is ${given.role} now`, (node, decided) => node.GrantRole({ ...decided, role: given.role }))
).pipe(
  Command.withDescription("Let an account do more")
)

const withdraw = Command.make("withdraw", { account, role, reason, json }, (given) =>
  decide(
    given,
    `is ${given.role} no more`,
    (node, decided) => node.WithdrawRole({ ...decided, role: given.role })
  )).pipe(Command.withDescription("Take a role back"))

export const roleCommand = Command.make("role").pipe(
  Command.withDescription("Who may do what on this node: moderators, operators, admins"),
  Command.withSubcommands([grant, withdraw])
)

const untilOf = (during: Option.Option<string>) =>
  Option.match(during, {
    onNone: () => Effect.succeed(null),
    onSome: (text) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.mapError(
          Effect.try(() => now + Duration.toMillis(Duration.decode(text as Duration.DurationInput))),
          () => refused(`--for takes a duration such as "7 days", not "${text}".`)
        ))
  })

export const suspendCommand = Command.make(
  "suspend",
  { account, during, reason, json },
  (given) =>
    decide(
      given,
      "rests",
      (node, decided) => Effect.flatMap(untilOf(given.during), (until) => node.SuspendAccount({ ...decided, until }))
    )
).pipe(
  Command.withDescription("Have an account rest: it may see itself and leave")
)

export const banCommand = Command.make(
  "ban",
  { account, reason, json },
  (given) => decide(given, "is shut out", (node, decided) => node.BanAccount(decided))
).pipe(
  Command.withDescription("Shut an account out, and end its sessions")
)

export const reinstateCommand = Command.make(
  "reinstate",
  { account, reason, json },
  (given) => decide(given, "may act again", (node, decided) => node.ReinstateAccount(decided))
).pipe(
  Command.withDescription("Let a suspended or banned account act again")
)

const line = ({ handle, roles, state, trustScore, until, userId, verificationLevel }: Standing) =>
  [
    (handle ?? "").padEnd(20),
    (until === null ? state : `${state} until ${DateTime.formatIso(DateTime.unsafeMake(until))}`).padEnd(10),
    `verified ${verificationLevel}  trust ${trustScore.toFixed(3)}`,
    roles.join(", "),
    userId
  ].join("  ")

export const standingsCommand = Command.make(
  "standings",
  { json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const standings = Option.getOrElse(yield* Stream.runHead((yield* VivimClient).WatchStandings({})), () => [])
        yield* given.json ? printJson(standings) : print(standings.map(line).join("\n"))
      }))
).pipe(Command.withDescription("How the accounts of this node stand"))
