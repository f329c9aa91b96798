/** Devices of people, each with a key store of its own, and what they want of a node. */
import { layerWebSocketConstructor } from "@effect/platform-node/NodeSocket"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Account from "@vivim/client/account/Account"
import * as FileKeyStore from "@vivim/client/account/FileKeyStore"
import type { KeyStore } from "@vivim/client/account/KeyStore"
import { NodeSession } from "@vivim/client/NodeSession"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import { VivimClient } from "@vivim/client/VivimClient"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type NodeProcess, temporary } from "./NodeProcess.ts"

export type Needs = CryptoSuite | KeyStore | HttpClient.HttpClient

/** What a device runs, it runs with its own key store. */
export type Device = <A, E>(work: Effect.Effect<A, E, Needs>) => Promise<A>

export const deviceWith = (store: Layer.Layer<KeyStore>): Device => (work) =>
  Effect.runPromise(Effect.provide(work, Layer.mergeAll(store, NodeCryptoSuite.layer, FetchHttpClient.layer)))

export const newDevice = (): Device => deviceWith(FileKeyStore.layer(temporary("keys")))

/** The calls of a session that a device opened with its key, over one WebSocket. */
export const signedIn = async (node: NodeProcess, device: Device, scope: Scope.Scope) => {
  const signer = await device(Account.signer)
  const calls = Effect.gen(function*() {
    const session = yield* NodeSession
    yield* session.signIn(signer)
    const url = `${node.origin.replace("http", "ws")}/rpc`
    const client = yield* Layer.buildWithScope(
      Layer.provide(VivimClient.layer({ url, session }), layerWebSocketConstructor),
      scope
    )
    return Context.get(client, VivimClient)
  })
  const sessions = Layer.provide(NodeSession.layer(node.origin), SessionKeeper.layerMemory)
  const context = await Effect.runPromise(Layer.buildWithScope(sessions, scope))
  return Effect.runPromise(Effect.provide(calls, context))
}

/** An account as its owner wants it, on a node that opens accounts for its operator. */
export const wanted = (node: NodeProcess, handle: string) => ({
  origin: node.origin,
  handle: Handle.make(handle),
  displayName: DisplayName.make("Ada"),
  token: Redacted.make(node.token())
})

export const json = (answer: Response): Promise<any> => answer.json()
