/** The client when its node goes away, comes back, or never comes: over a real WebSocket that is really cut. */
import type { Calls } from "@vivim/client/VivimClient"
import { EventRecord } from "@vivim/contract/Operator"
import { Unavailable } from "@vivim/contract/Refusal"
import { CommandId } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { assert, describe } from "vitest"
import { ada, bo, circleId, type ClientWorld, connect, create, lanterns, listen, test } from "./ClientWorld.ts"
import { newId } from "./Events.ts"

const heard = (state: ClientWorld, tag: string) =>
  state.heard.filter((one) => one.tag === tag).map(({ payload }) => payload)

/** A port nobody listens at. */
const silent = (state: ClientWorld) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const port = yield* Scope.extend(listen(state, 0), scope)
    yield* Scope.close(scope, Exit.void)
    return port
  })

const found = { matched: "none", hits: [], more: false, sealed: 0 } as const
/** A command, a question and a watch. */
const oneOfEach = (node: Calls): ReadonlyArray<Effect.Effect<unknown, unknown>> => [
  node.CreateCircle(create()),
  node.Search({ query: "" }),
  Stream.runHead(node.WatchCircle({ circleId }))
]

const receipt = new Receipt({ stream: "user/ada", version: 3, position: 9 })

const event = (position: number) =>
  new EventRecord({
    position,
    stream: "circle/tea",
    version: position,
    id: newId(),
    type: "circle.CircleRenamed",
    schemaVersion: 1,
    owner: ada,
    at: 1,
    by: null,
    commandId: null,
    device: null,
    causationId: null,
    correlationId: null,
    routing: {},
    sealedBytes: 0,
    hash: ""
  })

describe("a client whose node goes away", () => {
  for (const how of ["is killed and started again", "is asked to end and started again", "is cut off by the network"]) {
    test(`P1 a command is repeated with its id when the node ${how}`, (state) =>
      Effect.gen(function*() {
        const [first, second] = [yield* Scope.make(), yield* Scope.make()]
        const port = yield* Scope.extend(listen(state, 0), first)
        const node = yield* connect(port)
        const command = { commandId: CommandId.make(newId()), userId: ada }
        const hanging = yield* Effect.fork(node.DeleteUser(command))
        yield* Deferred.await(state.hanging)
        state.calls["DeleteUser"] = () => Effect.succeed(receipt)
        if (!how.includes("asked")) state.cut()
        if (how.includes("started")) {
          yield* Scope.close(first, Exit.void)
          yield* Scope.extend(listen(state, port), second)
        }
        assert.deepStrictEqual(yield* Fiber.join(hanging), receipt)
        assert.deepStrictEqual(heard(state, "DeleteUser"), [command, command])
        assert.strictEqual(state.heard.at(-1)?.authorization, "Bearer open sesame")
        yield* Scope.close(how.includes("started") ? second : first, Exit.void)
      }))
  }

  test("P2 a question is asked again, and a watch goes on, when the node is back", (state) =>
    Effect.gen(function*() {
      const [first, second] = [yield* Scope.make(), yield* Scope.make()]
      const port = yield* Scope.extend(listen(state, 0), first)
      const node = yield* connect(port)
      const asked = yield* Deferred.make<void>()
      state.calls["Search"] = () => Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never)
      const question = yield* Effect.fork(node.Search({ query: "tea" }))
      const seen = yield* Queue.unbounded<number>()
      const watching = yield* Effect.fork(
        Stream.runForEach(node.WatchCircle({ circleId }), ({ members }) => Queue.offer(seen, members.length))
      )
      yield* Deferred.await(asked)
      assert.strictEqual(yield* Queue.take(seen), 1)
      yield* Scope.close(first, Exit.void)
      state.calls["Search"] = () => Effect.succeed(found)
      yield* Scope.extend(listen(state, port), second)
      assert.deepStrictEqual(yield* Fiber.join(question), found)
      assert.strictEqual(yield* Queue.take(seen), 1, "the present, again")
      yield* Queue.offer(state.changes, lanterns(ada, bo))
      assert.strictEqual(yield* Queue.take(seen), 2)
      yield* Fiber.interrupt(watching)
      yield* Scope.close(second, Exit.void)
    }))

  test("P2 a client that is there before its node waits for it, and so does its watch", (state) =>
    Effect.gen(function*() {
      const port = yield* silent(state)
      const node = yield* connect(port)
      const early = yield* Effect.fork(node.CreateCircle(create()))
      const watch = yield* Effect.fork(Stream.runHead(node.WatchCircle({ circleId })))
      yield* listen(state, port)
      assert.strictEqual((yield* Fiber.join(early)).version, 1)
      assert.strictEqual((yield* Fiber.join(watch))._tag, "Some")
    }))

  test("P2 a node that says it cannot just now is asked again when it says", (state) =>
    Effect.gen(function*() {
      const node = yield* Effect.flatMap(listen(state, 0), connect)
      let busy = 2
      state.calls["Search"] = () =>
        busy-- > 0 ? new Unavailable({ message: "busy", retryAfterMs: 5 }) : Effect.succeed(found)
      assert.deepStrictEqual(yield* node.Search({ query: "tea" }), found)
      assert.lengthOf(heard(state, "Search"), 3)
    }))

  test("P3 a node that does not come back in time is `Unavailable`, and the caller is told what to do", (state) =>
    Effect.gen(function*() {
      const port = yield* silent(state)
      const node = yield* connect(port, { patience: "300 millis" })
      for (const call of oneOfEach(node)) {
        const failure = yield* Effect.flip(call)
        assert.instanceOf(failure, Unavailable)
        assert.match((failure as Unavailable).message, /127\.0\.0\.1.*did not answer for 300ms.*ask again/)
      }
      // One that is there, and only ever busy, says so itself.
      const busy = yield* connect(yield* listen(state, 0), { patience: "2 seconds" })
      state.calls["Search"] = () => new Unavailable({ message: "busy", retryAfterMs: 20 })
      assert.strictEqual((yield* Effect.flip(busy.Search({ query: "" }))).message, "busy")
      assert.isAbove(heard(state, "Search").length, 2)
    }))

  for (const follow of [false, true]) {
    test(`P4 a history is told once and whole${follow ? ", and goes on" : ""}, however often the line breaks`, (state) =>
      Effect.gen(function*() {
        const node = yield* Effect.flatMap(listen(state, 0), connect)
        // Three parts of two, and then it hangs: the line is cut there.
        state.calls["ReadEvents"] = ({ after = 0, limit = 100 }) =>
          Stream.range(after + 1, Math.min(after + 6, after + limit, 16)).pipe(
            Stream.map(event),
            Stream.grouped(2),
            Stream.map((part) => [...part]),
            Stream.concat(after < 12 ? Stream.never : Stream.empty)
          )
        const told: Array<number> = []
        yield* node.ReadEvents({ after: 0, limit: 14, ...follow ? { follow } : {} }).pipe(
          Stream.runForEach((part) =>
            Effect.sync(() => {
              told.push(...part.map(({ position }) => position))
              if (told.length % 6 === 0) state.cut()
            })
          )
        )
        assert.deepStrictEqual(told, Array.from({ length: 14 }, (_, i) => i + 1))
        const asked = heard(state, "ReadEvents").map(({ after, limit }) => ({ after, limit }))
        assert.deepStrictEqual(asked, [{ after: 0, limit: 14 }, { after: 6, limit: 8 }, { after: 12, limit: 2 }])
      }))
  }

  test("P4 what was all told is not asked for again", (state) =>
    Effect.gen(function*() {
      const node = yield* Effect.flatMap(listen(state, 0), connect)
      state.calls["ReadEvents"] = () => Stream.concat(Stream.make([event(1), event(2)]), Stream.never)
      const parts = yield* node.ReadEvents({ limit: 2 }).pipe(
        Stream.tap(() => Effect.sync(state.cut)),
        Stream.runCollect
      )
      assert.deepStrictEqual(Chunk.toArray(parts).flat().map(({ position }) => position), [1, 2])
      assert.lengthOf(heard(state, "ReadEvents"), 1)
    }))

  test("P5 refusals and mistakes are final; a client that is closed lets go of who waits", (state) =>
    Effect.gen(function*() {
      const port = yield* listen(state, 0)
      const stranger = yield* connect(port, { token: "let me in" })
      assert.strictEqual((yield* Effect.flip(stranger.Search({ query: "" })))._tag, "NotSignedIn")
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(stranger.WatchCircle({ circleId }))))._tag, "NotSignedIn")
      const mistake = yield* Effect.exit(stranger.AddMember({ ...create(), member: bo }))
      assert.isTrue(Exit.isFailure(mistake))
      assert.lengthOf(state.heard, 3)

      const scope = yield* Scope.make()
      const node = yield* Scope.extend(connect(yield* silent(state)), scope)
      const waiting = yield* Effect.fork(node.CreateCircle(create()))
      const watching = yield* Effect.fork(Stream.runDrain(node.WatchCircle({ circleId })))
      yield* Scope.close(scope, Exit.void)
      for (const fiber of [waiting, watching] as ReadonlyArray<Fiber.Fiber<unknown, unknown>>) {
        const end = yield* Effect.timeout(Fiber.await(fiber), "5 seconds")
        assert.isTrue(Exit.isFailure(end) && Cause.isInterruptedOnly(end.cause))
      }
    }))
})
