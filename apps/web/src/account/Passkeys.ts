/** Passkeys at work in this browser: signing in with one, having one made, showing one again. */
import * as Approval from "@vivim/client/account/Approval"
import * as BrowserRecords from "@vivim/client/account/BrowserRecords"
import * as DeviceKeys from "@vivim/client/account/DeviceKeys"
import * as PasskeyDevice from "@vivim/client/account/PasskeyDevice"
import * as PasskeyKit from "@vivim/client/account/PasskeyKit"
import * as VaultRekey from "@vivim/client/account/VaultRekey"
import { NodeSession } from "@vivim/client/NodeSession"
import type { Secret } from "@vivim/crypto/CryptoSuite"
import type { Did, DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import { Refused } from "../node/Calls.ts"
import { agentName } from "../security/Agents.ts"
import type { Account } from "../session/Session.ts"
import { calls, unlock } from "./Entering.ts"
import type { AddedPasskey } from "./Keys.ts"
import * as PasskeyPrompt from "./PasskeyPrompt.ts"
import { userHandleOf } from "./RecoveryPasskey.ts"
import { nobody, persist, run } from "./Runtime.ts"

/** Opens what is private with the passkey's own keys, and lets this browser in with them. Null where it has none. */
const joinBy = (prf: Secret, did: Did) =>
  Effect.gen(function*() {
    const node = yield* calls
    const passkey = yield* PasskeyDevice.open(node, { prf, did, origin: location.origin })
    // What is private is opened first: nothing can be stated in an account that is locked.
    if (passkey.masterKeys.length > 0) yield* VaultRekey.open(node, passkey.masterKeys)
    return yield* PasskeyDevice.join(node, passkey, agentName(navigator.userAgent) as DisplayName)
  }).pipe(
    Effect.flatMap(DeviceKeys.deviceIdOf),
    // A passkey without keys, or of an account without a log, has signed in and does no more.
    Effect.catchTags({ NotADevice: () => Effect.succeed(null), NodeRefused: () => Effect.succeed(null) })
  )

/** With a session of the account: goes on with the keys that lie here, or else with the passkey's. */
const enter = (prf: Secret | null, did: Did) =>
  Effect.gen(function*() {
    const keys = yield* DeviceKeys.read
    if (keys !== null && (yield* Approval.isIn({ did, keys }))) {
      yield* unlock
      return yield* DeviceKeys.deviceIdOf(keys)
    }
    return prf === null ? null : yield* joinBy(prf, did)
  })

/** Whoever's passkey it is, is signed in; an account without keys here has no device. */
export const signIn = async (): Promise<Account> => {
  const asked = await run(nobody, Effect.flatMap(NodeSession, (session) => session.askPasskey("sign-in")))
  const { answer, prf } = await PasskeyPrompt.ask(asked)
  if (PasskeyKit.isUserHandle(userHandleOf(answer))) throw new Refused({ _tag: "PasskeyForRecovery" })
  const session = await run(nobody, Effect.flatMap(NodeSession, (session) => session.signInByPasskey(answer)))
  const { handle, userId } = session
  await BrowserRecords.change(userId, (record) => ({ ...record, session }))
  await run(nobody, Effect.flatMap(NodeSession, (session) => session.forget))
  const deviceId = await run(userId, enter(prf, userId)) ?? ""
  return { userId, handle, displayName: handle, deviceId }
}

/** Has a passkey made for the account. Where its authenticator gives keys, it is let in as a device with them. */
export const add = async ({ displayName, handle, userId }: Account, name: string): Promise<AddedPasskey> => {
  const did = userId as Did
  const wanted = await persist(userId, Effect.flatMap(calls, (node) => node.BeginPasskey({ origin: location.origin })))
  const { made, prf } = await PasskeyPrompt.make(wanted, { handle, displayName })
  const device = prf === null ? null : await run(userId, PasskeyDevice.deviceIdOf(prf, did))
  const asked = { name: name as DisplayName, made, ...device === null ? {} : { device } }
  const { recoveryCodes } = await persist(userId, Effect.flatMap(calls, (node) => node.AddPasskey(asked)))
  if (prf !== null) {
    await persist(userId, Effect.flatMap(calls, (node) => PasskeyDevice.letIn(node, prf, name as DisplayName)))
  }
  return { recoveryCodes, opens: prf !== null }
}

/** Shows the node again who is here. */
export const stepUp = async (userId: string): Promise<void> => {
  const asked = await run(userId, Effect.flatMap(NodeSession, (session) => session.askPasskey("step-up")))
  const passkey = await PasskeyPrompt.show(asked)
  await run(userId, Effect.flatMap(calls, (node) => node.StepUp({ means: "passkey", passkey })))
}
