/** The account library as it runs in this browser: on the platform's own keys, kept in IndexedDB, a runtime for each account. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as IndexedDbKeyStore from "@vivim/client/account/IndexedDbKeyStore"
import * as IndexedDbSessionKeeper from "@vivim/client/account/IndexedDbSessionKeeper"
import { KeyStore } from "@vivim/client/account/KeyStore"
import { NodeSession } from "@vivim/client/NodeSession"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { type Refusal, Refused } from "../node/Calls.ts"
import { overcome } from "../node/Node.ts"

export type Needs = CryptoSuite | HttpClient.HttpClient | KeyStore | NodeSession | SessionKeeper

/** What is asked of the node just now is answered by it, not by what the browser kept of an earlier answer. */
const http = FetchHttpClient.layer.pipe(
  Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { cache: "no-store", credentials: "same-origin" }))
)

/** Keys that are nobody's yet are this browser's own, too; until somebody is signed up or in, nothing is kept. */
const unkept = Layer.map(
  KeyStore.layerMemory,
  (context) => Context.add(context, KeyStore, { ...Context.get(context, KeyStore), newHeld: IndexedDbKeyStore.newHeld })
)

/** Whose keys are not known yet. */
export const nobody = ""

const runtimeFor = (userId: string) =>
  ManagedRuntime.make(Layer.mergeAll(
    BrowserCryptoSuite.layer,
    http,
    userId === nobody ? unkept : IndexedDbKeyStore.layer(userId),
    NodeSession.layer(location.origin).pipe(
      Layer.provideMerge(userId === nobody ? SessionKeeper.layerMemory : IndexedDbSessionKeeper.layer(userId))
    )
  ))

const runtimes = new Map<string, ReturnType<typeof runtimeFor>>()

/** One account has one session in a page, whoever asks for it. */
const runtimeOf = (userId: string) => {
  const present = runtimes.get(userId) ?? runtimeFor(userId)
  runtimes.set(userId, present)
  return present
}

type Failure = { readonly _tag: string; readonly message?: string; readonly refusal?: string; readonly reason?: string }

/** What the library refuses or waits for in vain, as screens know it. */
const refusalOf = (error: Failure): Refusal => {
  switch (error._tag) {
    case "NodeRefused":
      return { _tag: error.refusal ?? "", ...(error.reason ?? "") === "" ? {} : { message: error.reason! } }
    case "Unavailable":
      return { _tag: "NodeAway" }
    default:
      // Fields of a refusal lie on it as they lie on the wire.
      return error as Refusal
  }
}

/** Does it with the keys and the session of an account. Rejects with `Refused`, not with the story of a fiber. */
export const run = async <A, E extends Failure>(userId: string, work: Effect.Effect<A, E, Needs>): Promise<A> => {
  const outcome = await runtimeOf(userId).runPromise(Effect.either(work))
  if (outcome._tag === "Right") return outcome.right
  throw new Refused(refusalOf(outcome.left))
}

/** The same, and once more after what stood in the way was overcome: a locked vault, or a node that wants to be shown again who this is. */
export const persist = async <A, E extends Failure>(userId: string, work: Effect.Effect<A, E, Needs>): Promise<A> => {
  try {
    return await run(userId, work)
  } catch (error) {
    if (!(error instanceof Refused) || !await overcome(error.refusal)) throw error
    return await run(userId, work)
  }
}
