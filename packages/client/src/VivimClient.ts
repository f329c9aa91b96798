/**
 * A node, from afar: every call of the contract as a typed function, over one WebSocket that reconnects.
 *
 * ```ts
 * const node = yield* VivimClient
 * const receipt = yield* node.TagConversation({ commandId: yield* CommandIds.next, documentId, tag })
 * yield* node.WatchLibrary({ tag }).pipe(Stream.runForEach(draw))
 * ```
 */
import * as Socket from "@effect/platform/Socket"
import * as RpcClient from "@effect/rpc/RpcClient"
import type { RpcClientError } from "@effect/rpc/RpcClientError"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import { Vivim } from "@vivim/contract/Vivim"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

/** Every call of the contract. Commands and queries are Effects, watches are Streams. */
export interface Calls extends RpcClient.RpcClient<RpcGroup.Rpcs<typeof Vivim>, RpcClientError> {}

/** Where a node is, and as whom to speak to it. */
export interface Connection {
  /** The RPC WebSocket, for instance `ws://127.0.0.1:4100/rpc`. */
  readonly url: string
  /** The bearer token the node printed at its first start. */
  readonly token: Redacted.Redacted
  /** Act as this handle (local development sessions only). */
  readonly actAs?: string
}

/** Lays the bearer token on every request that leaves. */
const withToken = (connection: Connection) => (protocol: RpcClient.Protocol["Type"]): RpcClient.Protocol["Type"] => {
  const headers: ReadonlyArray<[string, string]> = [
    ["authorization", `Bearer ${Redacted.value(connection.token)}`],
    ...(connection.actAs === undefined ? [] : [["vivim-as", connection.actAs] as [string, string]])
  ]
  return {
    ...protocol,
    send: (request, transferables) =>
      protocol.send(
        request._tag === "Request" ? { ...request, headers: [...request.headers, ...headers] } : request,
        transferables
      )
  }
}

export class VivimClient extends Context.Tag("@vivim/client/VivimClient")<VivimClient, Calls>() {
  /** Needs the platform's WebSocket: `Socket.layerWebSocketConstructorGlobal` in a browser, `NodeSocket.layerWebSocketConstructor` in Node. */
  static readonly layer = (
    connection: Connection
  ): Layer.Layer<VivimClient, never, Socket.WebSocketConstructor> =>
    Layer.scoped(VivimClient, RpcClient.make(Vivim)).pipe(
      Layer.provide(Layer.effect(RpcClient.Protocol, Effect.map(RpcClient.Protocol, withToken(connection)))),
      Layer.provide(RpcClient.layerProtocolSocket({ retryTransientErrors: true })),
      Layer.provide(Socket.layerWebSocket(connection.url)),
      Layer.provide(RpcSerialization.layerJson)
    )
}
