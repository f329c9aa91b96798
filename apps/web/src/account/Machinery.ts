/** The keys of this browser at work: what `Keys.ts` promises, done by the account library. Loaded when somebody signs up or in, or changes who may. */
import * as Accounts from "@vivim/client/account/Account"
import * as AccountLog from "@vivim/client/account/AccountLog"
import * as Approval from "@vivim/client/account/Approval"
import * as BrowserRecords from "@vivim/client/account/BrowserRecords"
import * as DeviceKeys from "@vivim/client/account/DeviceKeys"
import * as Kit from "@vivim/client/account/Kit"
import * as MasterKeys from "@vivim/client/account/MasterKeys"
import * as NewAccounts from "@vivim/client/account/NewAccount"
import * as Recovery from "@vivim/client/account/Recovery"
import * as SeenLog from "@vivim/client/account/SeenLog"
import { NodeSession } from "@vivim/client/NodeSession"
import type { DeviceId, Did, DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { untrack } from "solid-js"
import { Refused } from "../node/Calls.ts"
import { account } from "../session/Session.ts"
import * as Entering from "./Entering.ts"
import { join } from "./Joining.ts"
import type { Keys, NewAccount, Recovering } from "./Keys.ts"
import * as Passkeys from "./Passkeys.ts"
import * as RecoveryPasskey from "./RecoveryPasskey.ts"
import { nobody, persist, run } from "./Runtime.ts"

const groupsOf = (printed: Redacted.Redacted<string>) => Redacted.value(printed).split("-")

/** Whose keys are used: of whoever is signed in. */
const present = (): Did => {
  const userId = untrack(account)?.userId
  if (userId === undefined) throw new Refused({ _tag: "NotSignedIn" })
  return userId as Did
}

/** All keys are made first, and are nobody's until their owner has kept the way back. Then, and only then, the node hears of it. */
const newAccount: Keys["newAccount"] = async (wayBack, person): Promise<NewAccount> => {
  const passkey = wayBack === "passkey" ? await RecoveryPasskey.make(person) : undefined
  const prepared = await run(nobody, NewAccounts.prepare(passkey?.kit))
  const { did, keys, kit } = prepared
  const deviceId = await run(nobody, DeviceKeys.deviceIdOf(keys))
  return {
    wayBack,
    kit: groupsOf(kit),
    open: async (person) => {
      const { displayName, handle } = person
      await run(did, Effect.zipRight(NewAccounts.open(prepared, Entering.wantedBy(person)), Entering.settleIn))
      passkey?.rename({ displayName, handle })
      return { userId: did, handle, displayName, deviceId }
    },
    giveUp: () => passkey?.discard()
  }
}

/** This browser becomes the account's one device, and a new kit may take the place of what was used. */
const beginRecovery: Keys["beginRecovery"] = async (handle, typed): Promise<Recovering> => {
  const kit = typed === null ? (await RecoveryPasskey.show()).printed : Redacted.make(typed)
  const found = await run(nobody, Recovery.find({ origin: location.origin, did: `@${handle}`, kit })).catch(
    (error: unknown) => {
      const isOther = typed === null && error instanceof Refused && error.refusal._tag === "KitOfAnother"
      throw isOther ? new Refused({ _tag: "PasskeyOfAnother" }) : error
    }
  )
  const fresh = await run(nobody, Kit.make)
  const { did, keys } = found
  const deviceId = await run(nobody, DeviceKeys.deviceIdOf(keys))
  return {
    handle,
    userId: did,
    devices: found.devices,
    voids: found.voids,
    wayBack: typed === null ? "passkey" : "kit",
    kit: groupsOf(fresh.printed),
    recover: async (holding) => {
      await run(did, Recovery.take(found, holding === "kit" ? fresh : null))
      await run(did, Effect.zipRight(Entering.signIn, Entering.settleBack(found.kit)))
      return { userId: did, handle, displayName: handle, deviceId }
    }
  }
}

/** Out of the log. What it knew of keys is exchanged apart from it: that it cannot be just now keeps no device from being removed. */
const revoke = (deviceId: string) =>
  Effect.flatMap(Entering.calls, (node) => Accounts.revoke(node, deviceId as DeviceId))

/** Tells the node as much as it will hear; this browser is done in any case. */
const leave = Effect.gen(function*() {
  const node = yield* Entering.calls
  const session = yield* NodeSession
  yield* Effect.ignore(node.LockVault({}))
  yield* Effect.ignore(Effect.flatMap(session.current, ({ sessionId }) => node.EndSession({ sessionId })))
})

const rekeying = () => import("./Rekeying.ts")

const signOut = async (forget: boolean): Promise<void> => {
  const userId = present()
  // A device that is no longer one has no session either, and locks nothing; a locked account changes no devices.
  const removed = Effect.flatMap(Accounts.signer, ({ deviceId }) => revoke(deviceId))
  const isRemoved = forget && await run(userId, removed).then(() => true, () => false)
  if (!isRemoved) await run(userId, leave)
  await run(userId, Effect.flatMap(NodeSession, (session) => session.forget))
  if (forget) await BrowserRecords.wipe(userId)
  await clearCaches()
  // Of what is sealed an index lies here.
  await import("../sealed/Machinery.ts").then(({ wipe }) => wipe()).catch(() => {})
}

/** Files of conversations that the browser may have kept for itself. The client's own code stays. */
const clearCaches = async (): Promise<void> => {
  if (!("caches" in globalThis)) return
  for (const name of await caches.keys()) if (name === "files") await caches.delete(name)
}

/** The newest master key as the node has it, and those that are here. */
const keyring: Keys["keyring"] = () =>
  run(
    present(),
    Effect.gen(function*() {
      const node = yield* Entering.calls
      yield* MasterKeys.settle(node, (yield* Accounts.own).keys)
      const { did, keys } = yield* Accounts.own
      return { owner: did, masterKeys: keys.masterKeys }
    })
  )

const letIn = (code: string, name: string) =>
  Effect.flatMap(Entering.calls, (node) => Approval.approve(node, code, name as DisplayName))

/** Shows the node again who is here, by the key of this browser. */
const stepUp = Effect.gen(function*() {
  const node = yield* Entering.calls
  const session = yield* NodeSession
  const answer = yield* session.confirm(yield* Accounts.signer)
  yield* node.StepUp({ means: "device", answer })
})

export const machinery: Keys = {
  newAccount,
  signIn: async (account) => {
    if (account.deviceId === "") return await Passkeys.signIn()
    const { handle } = await run(account.userId, Entering.signIn)
    await run(account.userId, Entering.unlock)
    return { ...account, handle }
  },
  signInByPasskey: Passkeys.signIn,
  addPasskey: (name) => Passkeys.add(untrack(account)!, name),
  join,
  beginRecovery,
  // Few ever move: who signs up or in does not wait for it.
  beginMoving: async (file, kit) => await (await import("./Moving.ts")).beginMoving(file, kit),
  readCode: (code) => run(present(), Approval.look(code)),
  letIn: async (code, name) => void await persist(present(), letIn(code, name)),
  revoke: (deviceId) => persist(present(), revoke(deviceId)),
  rekey: () => rekeying().then(({ rekey }) => rekey(present())),
  kitKnown: () => rekeying().then(({ kitKnown }) => kitKnown(present())),
  newKit: (old) => rekeying().then(({ newKit }) => newKit(present(), old)),
  stepUp: () => run(present(), stepUp),
  stepUpByPasskey: () => Passkeys.stepUp(present()),
  unlock: () => run(present(), Entering.unlock),
  keyring,
  signOut,
  wipe: () => BrowserRecords.wipe(present()),
  history: async (names) => {
    const [{ tell }, read] = await Promise.all([
      import("./History.ts"),
      run(present(), AccountLog.read(location.origin, present()))
    ])
    return tell(read, names)
  },
  fork: async () => (await run(present(), SeenLog.forkOf(present())))?.proof,
  nodeSession: () => run(present(), NodeSession),
  authorization: async (method, url) =>
    Object.fromEntries(await run(present(), Effect.flatMap(NodeSession, (session) => session.headers({ method, url }))))
}
