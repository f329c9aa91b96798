/** The client against a real server over a real WebSocket: what it sends, what it hears, and what becomes of it when the node goes away. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import * as RpcServer from "@effect/rpc/RpcServer"
import { VivimClient } from "@vivim/client/VivimClient"
import { Circle, NoSuchCircle } from "@vivim/contract/Circle"
import { NotSignedIn } from "@vivim/contract/Refusal"
import { CurrentSession, Session, SessionGuard } from "@vivim/contract/Session"
import { Vivim } from "@vivim/contract/Vivim"
import { CircleId, CircleName, CommandId, Did, Handle } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "vitest"
import { newId } from "./Events.ts"

const quiet = Logger.minimumLogLevel(LogLevel.None)
const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
const circleId = CircleId.make("lanterns")

/** What a node heard, and the circle it knows. */
const nodeState = Effect.gen(function*() {
  return {
    heard: [] as Array<
      { readonly tag: string; readonly payload: any; readonly authorization: string | undefined; readonly by: string }
    >,
    changes: yield* Queue.unbounded<Circle>(),
    hanging: yield* Deferred.make<void>()
  }
})
type State = Effect.Effect.Success<typeof nodeState>

const lanterns = (...members: ReadonlyArray<Did>) =>
  new Circle({ circleId, name: "Lanterns", founder: ada, members, createdAt: 1, archivedAt: null })

const guard = (state: State) =>
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
const handlers = (state: State) => {
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
      [...Vivim.requests.keys()].map((tag) => [tag, calls[tag] ?? (() => Effect.die(`no ${tag} here`))])
    ) as any
  )
}

/** A node at a port, until its scope ends. */
const listen = (state: State, port: number) =>
  Effect.gen(function*() {
    const server = createServer()
    const rpc = RpcServer.layerHttpRouter({
      group: Vivim,
      path: "/rpc",
      protocol: "websocket",
      disableFatalDefects: true
    }).pipe(
      Layer.provide(handlers(state)),
      Layer.provide(guard(state)),
      Layer.provide(RpcSerialization.layerJson)
    )
    const served = HttpLayerRouter.serve(rpc as Layer.Layer<never>, { disableLogger: true, disableListenLog: true })
      .pipe(
        Layer.provide(NodeHttpServer.layer(() => server, { port, host: "127.0.0.1" }))
      )
    yield* Layer.build(served)
    // A node that goes away takes its connections with it.
    yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    return (server.address() as AddressInfo).port
  })

const connect = (port: number, who: { readonly token?: string; readonly actAs?: string } = {}) =>
  Effect.map(
    Layer.build(
      VivimClient.layer({
        url: `ws://127.0.0.1:${port}/rpc`,
        token: Redacted.make(who.token ?? "open sesame"),
        ...(who.actAs === undefined ? {} : { actAs: who.actAs })
      }).pipe(Layer.provide(NodeSocket.layerWebSocketConstructor))
    ),
    (context) => context.unsafeMap.get(VivimClient.key) as VivimClient["Type"]
  )

const create = () => ({ commandId: CommandId.make(newId()), circleId, name: CircleName.make("Lanterns \ud83c\udfee") })

const test = (title: string, work: (state: State) => Effect.Effect<void, unknown, Scope.Scope>) =>
  it(title, () => Effect.flatMap(nodeState, work).pipe(Effect.scoped, Effect.provide(quiet), Effect.runPromise))

describe("VivimClient", () => {
  test("commands and their answers cross the line as they are, with the bearer's token on each", (state) =>
    Effect.gen(function*() {
      const node = yield* Effect.flatMap(listen(state, 0), connect)
      const command = create()
      const receipt = yield* node.CreateCircle(command)
      assert.deepStrictEqual(receipt, new Receipt({ stream: "circle/lanterns", version: 1, position: 7 }))
      assert.instanceOf(receipt, Receipt)
      yield* node.CreateCircle(create())
      assert.deepStrictEqual(state.heard[0], {
        tag: "CreateCircle",
        payload: command,
        authorization: "Bearer open sesame",
        by: ada
      })
      assert.strictEqual(state.heard[1]?.authorization, "Bearer open sesame")
    }))

  test("a refusal is a value of its own type, and the line goes on", (state) =>
    Effect.gen(function*() {
      const port = yield* listen(state, 0)
      const node = yield* connect(port, { actAs: "bo" })
      const refusal = yield* Effect.flip(node.RenameCircle(create()))
      assert.instanceOf(refusal, NoSuchCircle)
      assert.deepStrictEqual(state.heard.map(({ by }) => by), [bo])
      const stranger = yield* connect(port, { token: "let me in" })
      assert.instanceOf(yield* Effect.flip(stranger.RenameCircle(create())), NotSignedIn)
      assert.strictEqual(
        (yield* Effect.flip(stranger.WatchCircle({ circleId }).pipe(Stream.runDrain)))._tag,
        "NotSignedIn"
      )
      const defect = yield* Effect.exit(node.AddMember({ ...create(), member: bo }))
      assert.isTrue(Exit.isFailure(defect) && Cause.isDie(defect.cause))
      assert.strictEqual((yield* node.CreateCircle(create())).version, 1, "a defect of one call is not another's")
    }))

  test("a watch hears the present, then each change, and is let go of when nobody listens", (state) =>
    Effect.gen(function*() {
      const node = yield* Effect.flatMap(listen(state, 0), connect)
      const watching = yield* Effect.fork(
        node.WatchCircle({ circleId }).pipe(
          Stream.map(({ members }) => members.length),
          Stream.take(3),
          Stream.runCollect
        )
      )
      yield* Queue.offer(state.changes, lanterns(ada, bo))
      yield* Queue.offer(state.changes, lanterns(ada))
      assert.deepStrictEqual(Chunk.toArray(yield* Fiber.join(watching)), [1, 2, 1])
      // The handler is gone with its watcher: nobody takes from the queue any more.
      yield* Effect.repeat(
        Effect.delay(Effect.zipRight(Queue.offer(state.changes, lanterns()), Queue.size(state.changes)), 5),
        { until: (waiting) => waiting > 1 }
      )
    }))

  test("a node that went away and came back is found again, by the same client", (state) =>
    Effect.gen(function*() {
      const [first, second] = [yield* Scope.make(), yield* Scope.make()]
      const port = yield* Scope.extend(listen(state, 0), first)
      const node = yield* connect(port)
      yield* node.CreateCircle(create())
      const hanging = yield* Effect.fork(node.DeleteUser({ commandId: CommandId.make(newId()), userId: ada }))
      const watching = yield* Effect.fork(node.WatchCircle({ circleId }).pipe(Stream.runDrain))
      yield* Deferred.await(state.hanging)
      yield* Scope.close(first, Exit.void)
      // What was under way says so: nobody waits for ever, and the caller repeats the command with its id.
      for (const cut of [hanging, watching]) {
        const exit = yield* Fiber.await(cut as Fiber.Fiber<unknown, unknown>)
        assert(Exit.isFailure(exit))
        assert.isTrue(
          Cause.isInterruptedOnly(exit.cause) || Cause.pretty(exit.cause).includes("RpcClientError"),
          Cause.pretty(exit.cause)
        )
      }
      const command = create()
      const repeating = yield* Effect.fork(
        Effect.retry(node.CreateCircle(command), { schedule: Schedule.spaced("20 millis") })
      )
      yield* Scope.extend(listen(state, port), second)
      assert.strictEqual((yield* Fiber.join(repeating)).version, 1)
      assert.deepStrictEqual(state.heard.at(-1)?.payload, command)
      assert.strictEqual(state.heard.at(-1)?.authorization, "Bearer open sesame")
      const present = yield* Stream.runHead(node.WatchCircle({ circleId }))
      assert.strictEqual(present._tag, "Some")
      yield* Scope.close(second, Exit.void)
    }))

  test("a client that is there before its node waits for it", (state) =>
    Effect.gen(function*() {
      const probe = yield* Scope.make()
      const port = yield* Scope.extend(listen(state, 0), probe)
      yield* Scope.close(probe, Exit.void)
      const node = yield* connect(port)
      const early = yield* Effect.fork(node.CreateCircle(create()))
      yield* listen(state, port)
      assert.strictEqual((yield* Fiber.join(early)).version, 1)
    }))
})
