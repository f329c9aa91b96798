/** A node that is nothing but its doors, on a real port, and clients of it: what it heard, and what it is to answer, in hand. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import * as RpcServer from "@effect/rpc/RpcServer"
import { VivimClient } from "@vivim/client/VivimClient"
import { Circle, NoSuchCircle } from "@vivim/contract/Circle"
import { NotSignedIn } from "@vivim/contract/Refusal"
import { CurrentSession, Session, SessionEnd, SessionGuard } from "@vivim/contract/Session"
import { Vivim } from "@vivim/contract/Vivim"
import { CircleId, CircleName, CommandId, Did, Handle } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { it } from "vitest"
import { newId } from "./Events.ts"

const quiet = Logger.minimumLogLevel(LogLevel.None)
export const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
export const circleId = CircleId.make("lanterns")

/** What a node heard, and the circle it knows. */
export const nodeState = Effect.gen(function*() {
  return {
    heard: [] as Array<
      { readonly tag: string; readonly payload: any; readonly authorization: string | undefined; readonly by: string }
    >,
    changes: yield* Queue.unbounded<Circle>(),
    hanging: yield* Deferred.make<void>(),
    /** Breaks every connection, as a network does: nobody is told. */
    cut: () => {},
    /** What is answered otherwise than by the first handlers. */
    calls: {} as Record<string, (payload: any) => unknown>
  }
})
export type ClientWorld = Effect.Effect.Success<typeof nodeState>

export const lanterns = (...members: ReadonlyArray<Did>) =>
  new Circle({ circleId, name: "Lanterns", founder: ada, members, createdAt: 1, archivedAt: null })

const guard = (state: ClientWorld) =>
  Layer.succeed(
    SessionGuard,
    SessionGuard.of(({ headers, payload, rpc }) => {
      const { authorization } = headers
      const by = headers["vivim-as"] === "bo" ? bo : ada
      state.heard.push({ tag: rpc._tag, payload, authorization, by })
      return authorization === "Bearer open sesame"
        ? Effect.succeed(new Session({ userId: by, handle: Handle.make("ada"), device: null, operator: false }))
        : new NotSignedIn({ message: "who are you?" })
    })
  )

/** A few calls answer; the others are not here. */
const handlers = (state: ClientWorld) => {
  const calls: Readonly<Record<string, (payload: any) => unknown>> = {
    CreateCircle: ({ circleId }) =>
      Effect.succeed(new Receipt({ stream: `circle/${circleId}`, version: 1, position: 7 })),
    RenameCircle: ({ circleId }) =>
      Effect.flatMap(CurrentSession, ({ userId }) =>
        userId === ada
          ? Effect.succeed(new Receipt({ stream: `circle/${circleId}`, version: 2, position: 8 }))
          : new NoSuchCircle({ circleId })),
    WatchCircle: () => Stream.concat(Stream.make(lanterns(ada)), Stream.fromQueue(state.changes)),
    DeleteUser: () => Effect.zipRight(Deferred.succeed(state.hanging, undefined), Effect.never),
    AddMember: () => Effect.die("the pot broke")
  }
  return Vivim.toLayer(
    Object.fromEntries(
      [...Vivim.requests.keys()].map((
        tag
      ) => [tag, (payload: any) => (state.calls[tag] ?? calls[tag] ?? (() => Effect.die(`no ${tag} here`)))(payload)])
    ) as any
  )
}

/** A node at a port, until its scope ends. */
export const listen = (state: ClientWorld, port: number) =>
  Effect.gen(function*() {
    const server = createServer()
    const sockets = new Set<Socket>()
    server.on("connection", (socket) => sockets.add(socket))
    const cut = () => {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    }
    state.cut = cut
    const rpc = RpcServer.layerHttpRouter({
      group: Vivim,
      path: "/rpc",
      protocol: "websocket",
      disableFatalDefects: true
    }).pipe(
      Layer.provide(handlers(state)),
      Layer.provide(guard(state)),
      Layer.provide(Layer.succeed(SessionEnd, SessionEnd.of(({ next }) => next))),
      Layer.provide(RpcSerialization.layerJson)
    )
    const served = HttpLayerRouter.serve(rpc as Layer.Layer<never>, { disableLogger: true, disableListenLog: true })
      .pipe(
        Layer.provide(NodeHttpServer.layer(() => server, { port, host: "127.0.0.1" }))
      )
    yield* Layer.build(served)
    // A node that goes away takes its connections with it.
    yield* Effect.addFinalizer(() => Effect.sync(cut))
    return (server.address() as AddressInfo).port
  })

export const connect = (
  port: number,
  who: { readonly token?: string; readonly actAs?: string; readonly patience?: string } = {}
) =>
  Effect.map(
    Layer.build(
      VivimClient.layer({
        url: `ws://127.0.0.1:${port}/rpc`,
        token: Redacted.make(who.token ?? "open sesame"),
        ...(who.actAs === undefined ? {} : { actAs: who.actAs }),
        patience: (who.patience ?? "20 seconds") as Duration.DurationInput
      }).pipe(Layer.provide(NodeSocket.layerWebSocketConstructor))
    ),
    (context) => context.unsafeMap.get(VivimClient.key) as VivimClient["Type"]
  )

export const create = () => ({
  commandId: CommandId.make(newId()),
  circleId,
  name: CircleName.make("Lanterns \ud83c\udfee")
})

export const test = (title: string, work: (state: ClientWorld) => Effect.Effect<void, unknown, Scope.Scope>) =>
  it(title, () => Effect.flatMap(nodeState, work).pipe(Effect.scoped, Effect.provide(quiet), Effect.runPromise))
