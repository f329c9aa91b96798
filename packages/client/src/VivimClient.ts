/**
 * A node, from afar: every call of the contract as a typed function, over one WebSocket that reconnects.
 *
 * ```ts
 * const node = yield* VivimClient
 * const receipt = yield* node.TagConversation({ commandId: yield* CommandIds.next, documentId, tag })
 * yield* node.WatchLibrary({ tag }).pipe(Stream.runForEach(draw))
 * ```
 *
 * While the node is away, calls wait for it and are made again (`Persistence.ts`); after `patience` they fail with `Unavailable`.
 */
import * as Socket from "@effect/platform/Socket"
import * as RpcClient from "@effect/rpc/RpcClient"
import { RpcClientError } from "@effect/rpc/RpcClientError"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as RpcSchema from "@effect/rpc/RpcSchema"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import { Course, RestRoute } from "@vivim/contract/Call"
import { Vivim } from "@vivim/contract/Vivim"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Line from "./Line.ts"
import type { NodeSession } from "./NodeSession.ts"
import * as Persistence from "./Persistence.ts"

/** Every call of the contract. Commands and queries are Effects, watches are Streams. */
export interface Calls extends RpcClient.RpcClient<RpcGroup.Rpcs<typeof Vivim>> {}

/** Where a node is, as whom to speak to it, and for how long to wait for it. */
export interface Connection {
  /** The RPC WebSocket, for instance `ws://127.0.0.1:4100/rpc`. */
  readonly url: string
  /** As whoever runs the node: the bearer token it printed at its first start. */
  readonly token?: Redacted.Redacted
  /** As a user: a session of the node (`NodeSession.ts`). */
  readonly session?: NodeSession["Type"]
  /** Act as this handle (local development sessions only). */
  readonly actAs?: string
  /** How long a call waits for a node that does not answer, and is made again: 30 seconds unless said, `Duration.infinity` for ever. */
  readonly patience?: Duration.DurationInput
  /** Told whenever the line opens or is lost. */
  readonly onConnection?: (state: "open" | "lost") => void
}

type Protocol = RpcClient.Protocol["Type"]

/** Lays what says who is asking on every request that leaves and does not say so itself. */
const withHeaders = (
  protocol: Protocol,
  headersOf: (id: string) => Effect.Effect<ReadonlyArray<[string, string]>, RpcClientError>
): Protocol => ({
  ...protocol,
  send: (request, transferables) =>
    request._tag === "Request" && !request.headers.some(([name]) => name === "authorization")
      ? Effect.flatMap(
        headersOf(request.id),
        (headers) => protocol.send({ ...request, headers: [...request.headers, ...headers] }, transferables)
      )
      : protocol.send(request, transferables)
})

const withToken = ({ actAs, token }: Connection) => (protocol: Protocol): Protocol =>
  withHeaders(protocol, () =>
    Effect.succeed([
      ...token === undefined ? [] : [["authorization", `Bearer ${Redacted.value(token)}`] as [string, string]],
      ...(actAs === undefined ? [] : [["vivim-as", actAs] as [string, string]])
    ]))

/**
 * A session shows its key once on each socket, and again until the node has taken it: a request that overtakes the first one brings a proof
 * of its own.
 */
const withSession = (session: NodeSession["Type"], url: string, line: Line.Line) => (protocol: Protocol): Protocol => {
  const asked = new Map<string, number>()
  let provenOn = 0
  const headersOf = (id: string) =>
    Effect.suspend(() => {
      const socket = line.socket()
      if (provenOn !== socket) asked.set(id, socket)
      // A request that cannot say whose it is would be refused as if the session were over: it is weather, as a lost line is.
      return Effect.mapError(
        session.headers({ method: "GET", url, isProven: provenOn === socket }),
        (cause) => new RpcClientError({ reason: "Protocol", message: cause.message, cause })
      )
    })
  const heard = (
    response: { readonly _tag: string; readonly requestId?: unknown; readonly exit?: { readonly _tag: string } }
  ) => {
    const socket = asked.get(String(response.requestId))
    if (socket === undefined) return
    if (response._tag === "Chunk" || (response._tag === "Exit" && response.exit?._tag === "Success")) provenOn = socket
    if (response._tag === "Exit") asked.delete(String(response.requestId))
  }
  return {
    ...withHeaders(protocol, headersOf),
    run: (take) =>
      protocol.run((response) => Effect.zipRight(Effect.sync(() => heard(response as never)), take(response)))
  }
}

const identified = (connection: Connection, line: Line.Line) =>
  connection.session === undefined ? withToken(connection) : withSession(connection.session, connection.url, line)

/** A node that was killed is looked for soon, and never too often. */
const reconnect = Schedule.exponential("100 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("2 seconds")),
  Schedule.resetAfter("10 seconds"),
  Schedule.jittered
)

/** Answers that wait for a watcher that is slower than its node. */
const answersMax = 16

interface Options {
  readonly streamBufferSize?: number
  readonly asMailbox?: boolean
}

type Ask<A> = (payload: unknown, options?: Options) => A

/** The calls as they are made on an open line, made to last. */
const lasting = (calls: Readonly<Record<string, unknown>>, persistence: Persistence.Persistence): Calls => {
  const effectCall = (ask: Ask<Effect.Effect<unknown, unknown>>): Ask<unknown> => (payload, options) =>
    Persistence.once(persistence, Effect.suspend(() => ask(payload, options)))
  const streamCall =
    (ask: Ask<Stream.Stream<unknown, unknown>>, course: Course["Type"]): Ask<unknown> =>
    (payload, { asMailbox, ...options } = {}) => {
      const watched = { asked: payload, ask: (asked: unknown) => ask(asked, options), ...course }
      const answers = Persistence.watch(persistence, watched, options.streamBufferSize ?? answersMax)
      return asMailbox === true ? answers : Stream.unwrapScoped(Effect.map(answers, Mailbox.toStream))
    }
  return Object.fromEntries([...Vivim.requests.values()].map((rpc) => [
    rpc._tag,
    RpcSchema.isStreamSchema(rpc.successSchema)
      ? streamCall(calls[rpc._tag] as Ask<Stream.Stream<unknown, unknown>>, courseOf(rpc.annotations))
      : effectCall(calls[rpc._tag] as Ask<Effect.Effect<unknown, unknown>>)
  ])) as unknown as Calls
}

const courseOf = (annotations: Context.Context<never>): Course["Type"] =>
  Option.getOrElse(Context.getOption(annotations as Context.Context<Course>, Course), () => {
    const { method } = Context.get(annotations as Context.Context<RestRoute>, RestRoute)
    return { after: (asked: unknown) => asked, ends: () => method !== "GET" }
  })

export class VivimClient extends Context.Tag("@vivim/client/VivimClient")<VivimClient, Calls>() {
  /** Needs the platform's WebSocket: `Socket.layerWebSocketConstructorGlobal` in a browser, `NodeSocket.layerWebSocketConstructor` in Node. */
  static readonly layer = (
    connection: Connection
  ): Layer.Layer<VivimClient, never, Socket.WebSocketConstructor> =>
    Layer.unwrapEffect(Effect.map(Socket.WebSocketConstructor, (platform) => {
      const line = Line.make(platform, connection.onConnection ?? (() => {}))
      const patience = Duration.decode(connection.patience ?? "30 seconds")
      return Layer.scoped(
        VivimClient,
        Effect.flatMap(RpcClient.make(Vivim), (calls) =>
          Effect.as(
            Effect.addFinalizer(() => line.giveUp),
            lasting(calls as unknown as Readonly<Record<string, unknown>>, { line, url: connection.url, patience })
          ))
      ).pipe(
        Layer.provide(Layer.effect(RpcClient.Protocol, Effect.map(RpcClient.Protocol, identified(connection, line)))),
        // What cannot be sent fails at once: `Persistence` waits for the line, and knows for how long.
        Layer.provide(RpcClient.layerProtocolSocket({ retrySchedule: reconnect })),
        Layer.provide(Socket.layerWebSocket(connection.url)),
        Layer.provide(Layer.succeed(Socket.WebSocketConstructor, line.constructor)),
        Layer.provide(RpcSerialization.layerJson)
      )
    }))
}
