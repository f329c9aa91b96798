/** The line to a node, from sockets that say what they are told to. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { assert, describe, it } from "vitest"
import * as Line from "./Line.ts"

const bench = () => {
  const sockets: Array<EventTarget> = []
  const told: Array<string> = []
  const platform = () => {
    const socket = new EventTarget()
    sockets.push(socket)
    return socket as WebSocket
  }
  const line = Line.make(platform, (state) => told.push(state))
  const say = (socket: number, what: "open" | "close") => sockets[socket]!.dispatchEvent(new Event(what))
  const waits = Effect.gen(function*() {
    const fiber = yield* Effect.fork(line.opened)
    yield* Effect.repeatN(Effect.yieldNow(), 5)
    const waits = fiber.unsafePoll() === null
    yield* Fiber.interrupt(fiber)
    return waits
  })
  return { line, told, say, waits: () => Effect.runPromise(waits) }
}

describe("Line", () => {
  it("L1 who waits goes on when a socket opens, and at once while one is open", async () => {
    const { line, say, told, waits } = bench()
    line.constructor("ws://a")
    const early = Effect.runPromise(line.opened)
    assert.isTrue(await waits())
    say(0, "open")
    await early
    assert.isFalse(await waits())
    say(0, "close")
    assert.isTrue(await waits())
    assert.deepStrictEqual(told, ["open", "lost"])
  })

  it("L1 who waits for a line that is given up goes on as well", async () => {
    const { line, waits } = bench()
    const early = Effect.runPromise(line.opened)
    await Effect.runPromise(line.giveUp)
    await early
    assert.isFalse(await waits())
    assert.isTrue(line.isGivenUp())
  })

  it("L2 a socket that ends late says nothing of the one that took its place", async () => {
    const { line, say, told, waits } = bench()
    line.constructor("ws://a")
    say(0, "open")
    line.constructor("ws://a")
    assert.isTrue(await waits(), "the new one is not open yet")
    say(1, "open")
    say(0, "close")
    say(0, "open")
    assert.isFalse(await waits())
    assert.deepStrictEqual(told, ["open", "open"])
  })
})
