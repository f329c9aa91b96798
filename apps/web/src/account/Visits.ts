/** Sign-in by a provider at work: what `Providers.ts` promises, done. Loaded when somebody goes to a provider, or is here by one. */
import * as IndexedDbSessionKeeper from "@vivim/client/account/IndexedDbSessionKeeper"
import type { NodeRefused } from "@vivim/client/NodeRefused"
import { NodeSession } from "@vivim/client/NodeSession"
import * as ProviderVisit from "@vivim/client/ProviderVisit"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { Refused } from "../node/Calls.ts"
import type { Visits } from "./Providers.ts"
import * as VisitStore from "./VisitStore.ts"

/** One session by a provider in a browser, whoever's it is: no account has this name. */
const runtime = ManagedRuntime.make(
  Layer.provideMerge(NodeSession.layer(location.origin), IndexedDbSessionKeeper.layer("by a provider"))
)

type Error = NodeRefused | { readonly _tag: "NotSignedIn" | "Unavailable" }

/** What the library refuses or waits for in vain, as screens know it. */
const run = async <A>(work: Effect.Effect<A, Error, NodeSession | SessionKeeper>): Promise<A> => {
  const outcome = await runtime.runPromise(Effect.either(work))
  if (outcome._tag === "Right") return outcome.right
  const { left } = outcome
  if (left._tag !== "NodeRefused") throw new Refused({ _tag: left._tag === "Unavailable" ? "NodeAway" : left._tag })
  throw new Refused({ _tag: left.refusal, ...left.reason === "" ? {} : { message: left.reason } })
}

const depart = async (provider: string): Promise<string> => {
  const { keys, url } = await run(ProviderVisit.depart(location.origin, provider))
  await VisitStore.keep(keys)
  return url
}

const arrive: Visits["arrive"] = async ({ code, iss, provider, state }) => {
  if (code === undefined) throw new Refused({ _tag: "TurnedBack" })
  const keys = await VisitStore.take()
  if (keys === undefined) throw new Refused({ _tag: "NotBegunHere" })
  const returned = { provider, origin: location.origin, code, state, ...iss === undefined ? {} : { iss } }
  const { handle, userId } = await run(ProviderVisit.arrive(returned, keys))
  return { userId, handle, provider }
}

const authorization = async (method: string, url: string) =>
  Object.fromEntries(await run(Effect.flatMap(NodeSession, (session) => session.headers({ method, url }))))

const signOut = async (): Promise<void> => {
  const kept = await run(Effect.flatMap(SessionKeeper, ({ load }) => load))
  if (kept !== null) {
    const url = `${location.origin}/api/v1/sessions/${kept.sessionId}`
    // This browser is done, whatever the node says.
    await authorization("DELETE", url).then((headers) => fetch(url, { method: "DELETE", headers })).catch(() => {})
  }
  await run(Effect.flatMap(NodeSession, (session) => session.forget))
}

export const visits: Visits = {
  depart,
  arrive,
  signOut,
  nodeSession: () => run(NodeSession),
  authorization
}
