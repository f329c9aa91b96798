/** Sign-in by a provider at work: what `Providers.ts` promises, done. Loaded when somebody goes to a provider, or is here by one. */
import * as BrowserRecords from "@vivim/client/account/BrowserRecords"
import { NodeSession } from "@vivim/client/NodeSession"
import * as ProviderVisit from "@vivim/client/ProviderVisit"
import type { KeptSession } from "@vivim/client/SessionKeeper"
import * as Effect from "effect/Effect"
import { Refused } from "../node/Calls.ts"
import type { Visits } from "./Providers.ts"
import { run } from "./Runtime.ts"

/** The record of who is here by a provider: apart from those of accounts, whose keys it has none of. */
const record = "by a provider"
/** The key one goes with, until one comes back. */
const going = "visit"

const depart = async (provider: string): Promise<string> => {
  const { keys, url } = await run(record, ProviderVisit.depart(location.origin, provider))
  await BrowserRecords.change(record, (kept) => ({ ...kept, held: { ...kept.held, [going]: keys } }))
  return url
}

/** The key one went with: for one coming back. */
const takeKey = async (): Promise<KeptSession["keys"] | undefined> => {
  const keys = (await BrowserRecords.read(record))?.held[going]
  await BrowserRecords.change(record, ({ held: { [going]: _, ...held }, ...kept }) => ({ ...kept, held }))
  return keys as KeptSession["keys"] | undefined
}

const arrive: Visits["arrive"] = async ({ code, iss, provider, state }) => {
  const keys = await takeKey()
  if (code === undefined) throw new Refused({ _tag: "TurnedBack" })
  if (keys === undefined) throw new Refused({ _tag: "NotBegunHere" })
  const returned = { provider, origin: location.origin, code, state, ...iss === undefined ? {} : { iss } }
  const { handle, userId } = await run(record, ProviderVisit.arrive(returned, keys))
  return { userId, handle, provider }
}

const authorization = async (method: string, url: string) =>
  Object.fromEntries(await run(record, Effect.flatMap(NodeSession, (session) => session.headers({ method, url }))))

const signOut = async (): Promise<void> => {
  const kept = (await BrowserRecords.read(record))?.session
  if (kept !== undefined && kept !== null) {
    const url = `${location.origin}/api/v1/sessions/${kept.sessionId}`
    // This browser is done, whatever the node says.
    await authorization("DELETE", url).then((headers) => fetch(url, { method: "DELETE", headers })).catch(() => {})
  }
  await run(record, Effect.flatMap(NodeSession, (session) => session.forget))
  await BrowserRecords.wipe(record)
}

export const visits: Visits = {
  depart,
  arrive,
  signOut,
  nodeSession: () => run(record, NodeSession),
  authorization
}
