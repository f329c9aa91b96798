/** Signing in with the keys in this browser, and opening what is private with them. */
import * as Account from "@vivim/client/account/Account"
import type { Kit } from "@vivim/client/account/Kit"
import * as MasterKeys from "@vivim/client/account/MasterKeys"
import * as Recovery from "@vivim/client/account/Recovery"
import * as VaultRekey from "@vivim/client/account/VaultRekey"
import { NodeSession } from "@vivim/client/NodeSession"
import * as RestCalls from "@vivim/client/RestCalls"
import { IdentityViews } from "@vivim/contract/Identity"
import { PasskeyDoors } from "@vivim/contract/Passkeys"
import { SessionViews } from "@vivim/contract/Sessions"
import { UserCommands } from "@vivim/contract/User"
import { VaultViews } from "@vivim/contract/Vault"
import type { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { agentName } from "../security/Agents.ts"
import type { Person } from "./Keys.ts"

/** What is done with keys is asked over HTTP: before a session there is no line, and for so few calls none is needed. */
export const calls = RestCalls.make(UserCommands.merge(IdentityViews, VaultViews, SessionViews, PasskeyDoors))

/** An account as a person typed it, for the node that is to open it. */
export const wantedBy = ({ displayName, handle, invitation }: Person) => ({
  handle: handle as Handle,
  displayName: displayName as DisplayName,
  ...invitation === undefined ? {} : { invitation: Redacted.make(invitation) }
})

/** Opens a session with the device's key. */
export const signIn = Effect.flatMap(
  Effect.all([NodeSession, Account.signer]),
  ([session, signer]) => session.signIn(signer)
)

/** Hands the node the store key; whatever an interrupted sign-up or recovery left undone is done first. */
export const unlock = Effect.gen(function*() {
  const node = yield* calls
  const { keys } = yield* Account.own
  yield* MasterKeys.settle(node, keys)
  yield* openVault(node)
})

/** With the newest master key; where the exchange of the vault's key was cut off, with the one before, which it takes the place of then. */
const openVault = (node: Effect.Effect.Success<typeof calls>) =>
  Effect.flatMap(Account.own, ({ keys }) => VaultRekey.open(node, keys.masterKeys))

/** The first session of a device that is the account's only one: its master key is kept, its vault open, and it has a name. */
export const settleIn = Effect.gen(function*() {
  const node = yield* calls
  const { did } = yield* Account.own
  yield* Account.secure(node, { did }, agentName(navigator.userAgent) as DisplayName)
  yield* openVault(node)
})

/** The same for an account taken back: what older master keys the kit opens is opened, for what is still under them. */
export const settleBack = (kit: Kit) =>
  Effect.flatMap(calls, (node) => Recovery.unlock(node, kit)).pipe(
    // Tried again, the node keeps it for the new kit already.
    Effect.catchTag("NotOpened", () => Effect.void),
    Effect.zipRight(settleIn)
  )
