/** Long work beside others, and alone. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import * as Politeness from "./Politeness.ts"

/** Holds the process. */
const hold = (ms: number) => {
  const until = performance.now() + ms
  while (performance.now() < until) { /* nothing else runs */ }
}

/** So many pieces of work; answers how long they were worked on, and how long all took. */
const work = (pieces: number, ms: number) =>
  Effect.gen(function*() {
    const polite = yield* Politeness.make
    const since = performance.now()
    for (let n = 0; n < pieces; n++) {
      hold(ms)
      yield* polite.yield
    }
    return performance.now() - since
  })

describe("Politeness", () => {
  it("L1 while others have work, long work takes about a third of the time", async () => {
    let others = 0
    let ended = false
    const busy = (): void => {
      if (ended) return
      hold(2)
      others += 2
      setImmediate(busy)
    }
    setImmediate(busy)
    await Effect.runPromise(work(20, 4))
    ended = true
    assert.isAtLeast(others, 20 * 4)
    assert.isAtMost(others, 20 * 4 * 6)
  })

  it("L1 while nobody else has, it does not rest, and larger pieces are taken", async () => {
    let turns = 0
    let ended = false
    const idle = (): void => {
      if (ended) return
      turns++
      setTimeout(idle, 0)
    }
    idle()
    await Effect.runPromise(work(20, 4))
    ended = true
    assert.isAtLeast(turns, 5, "others are let in")
    const polite = await Effect.runPromise(Politeness.make)
    polite.took(100, 1)
    for (let n = 0; n < 50; n++) polite.took(1_000, 10)
    const quick = polite.piece()
    for (let n = 0; n < 50; n++) polite.took(10, 10)
    assert.isAbove(quick, polite.piece() * 10)
    assert.isAtLeast(polite.piece(), 16)
    assert.isAtMost(quick, 4_096)
  })
})
