/** Devices of people, each with a key store of its own, and what they want of a node. */
import { layerWebSocketConstructor } from "@effect/platform-node/NodeSocket"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Account from "@vivim/client/account/Account"
import * as FileKeyStore from "@vivim/client/account/FileKeyStore"
import type { KeyStore } from "@vivim/client/account/KeyStore"
import { NodeSession } from "@vivim/client/NodeSession"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import { type Calls, VivimClient } from "@vivim/client/VivimClient"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type NodeProcess, oftenAsked, temporary } from "./NodeProcess.ts"

export type Needs = CryptoSuite | KeyStore | HttpClient.HttpClient | NodeSession

/** What a device runs, it runs with its own key store, and the session it has at its node. */
export type Device = <A, E>(work: Effect.Effect<A, E, Needs | SessionKeeper>) => Promise<A>

/** A node on which whoever has `invitation` may open accounts, as often as they like. */
export const invitingNode = { ...oftenAsked, VIVIM_SIGN_UP: "token", VIVIM_SIGN_UP_TOKEN: "come in, all of you" }

type Node = Pick<NodeProcess, "origin">

export const deviceWith = (node: Node, store: Layer.Layer<KeyStore>): Device => {
  const kept = Effect.runSync(Effect.scoped(Layer.build(SessionKeeper.layerMemory)))
  return (work) =>
    Effect.runPromise(work.pipe(
      Effect.provide(
        Layer.mergeAll(store, NodeCryptoSuite.layer, FetchHttpClient.layer, NodeSession.layer(node.origin))
      ),
      Effect.provide(kept)
    ))
}

export const newDevice = (node: Node): Device => deviceWith(node, FileKeyStore.layer(temporary("keys")))

/** The calls of the session a device has, over one WebSocket. */
export const inSession = async (node: Node, device: Device, scope: Scope.Scope): Promise<Calls> => {
  const sessions = Layer.provide(
    NodeSession.layer(node.origin),
    Layer.succeed(SessionKeeper, await device(SessionKeeper))
  )
  const url = `${node.origin.replace("http", "ws")}/rpc`
  const client = Layer.unwrapEffect(Effect.map(NodeSession, (session) => VivimClient.layer({ url, session })))
  const built = client.pipe(Layer.provide(sessions), Layer.provide(layerWebSocketConstructor))
  return Context.get(await Effect.runPromise(Layer.buildWithScope(built, scope)), VivimClient)
}

/** The same of a session that the device opens now, with its key. */
export const signedIn = async (node: Node, device: Device, scope: Scope.Scope): Promise<Calls> => {
  await device(Effect.flatMap(
    Effect.all([NodeSession, Account.signer]),
    ([session, signer]) => session.signIn(signer)
  ))
  return inSession(node, device, scope)
}

/** An account as its owner wants it, on `invitingNode`. */
export const wanted = (handle: string) => ({
  handle: Handle.make(handle),
  displayName: DisplayName.make("Ada"),
  invitation: Redacted.make(invitingNode.VIVIM_SIGN_UP_TOKEN)
})

export const json = (answer: Response): Promise<any> => answer.json()
