/** The client against a real server over a real WebSocket: what it sends, and what it hears. */
import { NoSuchCircle } from "@vivim/contract/Circle"
import { NotSignedIn } from "@vivim/contract/Refusal"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { assert, describe } from "vitest"
import { ada, bo, circleId, connect, create, lanterns, listen, test } from "./ClientWorld.ts"

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
})
