/** An account on its way to this node: its file and its kit are read, it is looked how far it came before, and the node takes it in. */
import * as Accounts from "@vivim/client/account/Account"
import * as AccountLog from "@vivim/client/account/AccountLog"
import * as DeviceKeys from "@vivim/client/account/DeviceKeys"
import * as Movings from "@vivim/client/account/Moving"
import * as MovingFile from "@vivim/client/account/MovingFile"
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Refused } from "../node/Calls.ts"
import type { Account } from "../session/Session.ts"
import * as Entering from "./Entering.ts"
import type { Keys, Person } from "./Keys.ts"
import { nobody, run } from "./Runtime.ts"

/** An account of another node, about to come to this one with its file. */
export interface Moving {
  readonly handle: string
  readonly displayName: string
  /** Where it stands: this node has not heard of it; this browser brought it here before; or it is here, on other devices only. */
  readonly stands: "elsewhere" | "begun" | "here"
  /** Has the node take it in, with this browser as its one device, or goes on where that was begun. May be tried again with another handle. */
  readonly move: (person: Person) => Promise<Account>
}

/** What another outcome is where the node, or this browser, has nothing of the account. */
const unless = (tag: string) => (error: unknown) => {
  if (error instanceof Refused && error.refusal._tag === tag) return null
  throw error
}

/** The device this browser is of an account that is here already; keys that were kept and never listed are none. */
const stands = async (did: Did): Promise<{ readonly at: Moving["stands"]; readonly deviceId?: string }> => {
  const read = await run(nobody, AccountLog.read(location.origin, did)).catch(unless("NoSuchIdentity"))
  if (read === null) return { at: "elsewhere" }
  const own = await run(did, Accounts.signer).catch(unless("NotADevice"))
  return own !== null && Object.hasOwn(read.log.head.devices, own.deviceId)
    ? { at: "begun", deviceId: own.deviceId }
    : { at: "here" }
}

export const beginMoving: Keys["beginMoving"] = async (file, typed): Promise<Moving> => {
  const identity = await run(nobody, MovingFile.identityOf(file))
  if (identity.operations.length === 0) throw new Refused({ _tag: "NoLogInFile" })
  const prepared = await run(nobody, Movings.prepare({ identity, kit: Redacted.make(typed) }))
  const { did, displayName, handle } = identity
  const { at, deviceId = await run(nobody, DeviceKeys.deviceIdOf(prepared.keys)) } = await stands(did)
  return {
    handle,
    displayName,
    stands: at,
    move: async (person) => {
      const goOn = Effect.map(Entering.signIn, (session) => String(session.handle))
      const open = Effect.as(Movings.open(prepared, Entering.wantedBy(person)), person.handle)
      const handle = at === "begun" ? await run(did, goOn) : await run(did, open)
      await run(did, Entering.settleIn)
      return { userId: did, handle, displayName: person.displayName, deviceId }
    }
  }
}
