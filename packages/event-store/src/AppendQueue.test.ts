/** Appends on their way to the committer. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { type Answer, AppendQueue, isWaiting, type Waiting } from "./AppendQueue.ts"
import type { Events } from "./AppendRules.ts"
import type { Expected } from "./EventStore.ts"
import { EventStoreError, Overloaded } from "./EventStoreError.ts"

const accepted = (bytes = 10, events = 1) => ({
  bytes,
  events: Array.from({ length: events }, () => ({})) as unknown as Events
})
const kept = Effect.succeed({}) as unknown as Answer

const offer = (queue: AppendQueue, stream: string, expected: Expected, bytes?: number, events?: number): Waiting => {
  const offered = queue.offer(stream, expected, accepted(bytes, events), 0, () => {})
  if (!isWaiting(offered)) throw offered
  return offered
}
const names = (waiting: ReadonlyArray<Waiting>) => waiting.map(({ stream }) => stream)

describe("the queue", () => {
  it("Q1 refuses what is too much, and takes more when something was answered", () => {
    const queue = new AppendQueue({ appendsMax: 2, bytesMax: 1_000 })
    const [first] = [offer(queue, "a", 0), offer(queue, "b", 0)]
    const refused = queue.offer("c", 0, accepted(), 0, () => {})
    assert.instanceOf(refused, Overloaded)
    queue.take(1, 1_000)
    assert.instanceOf(
      queue.offer("c", 0, accepted(), 0, () => {}),
      Overloaded,
      "what is being committed is still under way"
    )
    queue.answer(first!, true, kept)
    queue.answer(first!, true, kept)
    offer(queue, "c", 0)
    assert.instanceOf(queue.offer("d", 0, accepted(), 0, () => {}), Overloaded, "an answer counts once")
  })

  it("Q1 counts bytes, but one append alone is always let in", () => {
    const queue = new AppendQueue({ appendsMax: 10, bytesMax: 100 })
    const large = offer(queue, "a", 0, 500)
    assert.instanceOf(queue.offer("b", 0, accepted(1), 0, () => {}), Overloaded)
    queue.answer(large, false, kept)
    offer(queue, "b", 0, 60)
    assert.instanceOf(queue.offer("c", 0, accepted(41), 0, () => {}), Overloaded)
    offer(queue, "c", 0, 40)
  })

  it("Q1 says to come again later the more there is to do", () => {
    const queue = new AppendQueue({ appendsMax: 100, bytesMax: 1e9 })
    for (let n = 0; n < 100; n++) offer(queue, "a", "any")
    const hint = () => (queue.offer("a", "any", accepted(), 0, () => {}) as Overloaded).retryAfterMs
    for (let n = 0; n < 100; n++) queue.observe(10, 1)
    const quick = hint()
    for (let n = 0; n < 100; n++) queue.observe(10, 200)
    assert.isAtLeast(quick, 10)
    assert.isAbove(hint(), 10 * quick)
    for (let n = 0; n < 100; n++) queue.observe(1, 1e6)
    assert.isAtMost(hint(), 5_000)
  })

  it("Q2 gives in the order of coming, what was put back first, and not more than asked for", () => {
    const queue = new AppendQueue({ appendsMax: 10, bytesMax: 1e9 })
    for (const stream of ["a", "b", "c", "d"]) offer(queue, stream, 0, 10)
    const taken = queue.take(3, 1e9)
    assert.deepStrictEqual(names(taken), ["a", "b", "c"])
    queue.putBack(taken.slice(1))
    assert.deepStrictEqual(names(queue.take(10, 25)), ["b", "c"])
    assert.deepStrictEqual(names(queue.take(10, 1)), ["d"])
    assert.deepStrictEqual(queue.take(10, 1), [])
  })

  it("Q2 tells of each append that comes, and of what waits", () => {
    const queue = new AppendQueue({ appendsMax: 10, bytesMax: 1e9 })
    let told = 0
    queue.wake = () => told++
    for (const events of [1, 2, 3]) offer(queue, "a", "any", 10, events)
    assert.strictEqual(told, 3)
    assert.deepStrictEqual(queue.size, { appends: 3, events: 6 })
    const taken = queue.take(2, 1e9)
    assert.deepStrictEqual(queue.size, { appends: 1, events: 3 })
    queue.putBack(taken)
    assert.deepStrictEqual(queue.size, { appends: 3, events: 6 })
    queue.takeOlder(0)
    assert.deepStrictEqual(queue.size, { appends: 0, events: 0 })
  })

  it("Q3 knows what continues what", () => {
    const queue = new AppendQueue({ appendsMax: 10, bytesMax: 1e9 })
    const first = offer(queue, "a", 4, 10, 3)
    const second = offer(queue, "a", 7)
    assert.strictEqual(second.continues, first)
    assert.isNull(offer(queue, "b", 7).continues)
    assert.isNull(offer(queue, "a", 7).continues)
    assert.isNull(offer(queue, "a", "any").continues)
    assert.isNull(offer(queue, "a", 8).continues, "nobody said where the one before ends")
    queue.answer(second, true, kept)
    assert.isNull(second.continues, "no history hangs on what was answered")
  })

  it("Q3 knows nothing to continue when all is answered", () => {
    const queue = new AppendQueue({ appendsMax: 10, bytesMax: 1e9 })
    queue.answer(offer(queue, "a", 0), true, kept)
    assert.isNull(offer(queue, "a", 1).continues)
  })

  it("Q3 knows what continues what however many takings lie between, until it is answered", () => {
    const queue = new AppendQueue({ appendsMax: 10, bytesMax: 1e9 })
    const first = offer(queue, "a", 0)
    queue.take(10, 1e9)
    for (let n = 0; n < 5; n++) queue.answer(offer(queue, "b", n), queue.take(10, 1e9).length === 1, kept)
    const second = offer(queue, "a", 1)
    assert.strictEqual(second.continues, first)
    queue.answer(second, false, kept)
    assert.isNull(offer(queue, "a", 2).continues)
  })

  it("Q4 drops what nobody waits for any more", () => {
    const queue = new AppendQueue({ appendsMax: 2, bytesMax: 1e9 })
    const first = offer(queue, "a", 0)
    const second = offer(queue, "a", 1)
    queue.abandon(first)
    assert.strictEqual(first.outcome, "fallen")
    assert.strictEqual(second.continues?.outcome, "fallen")
    assert.deepStrictEqual(queue.take(10, 1e9), [second])
    queue.abandon(second)
    assert.strictEqual(second.outcome, "under way", "it is being committed")
    offer(queue, "b", 0)
    assert.instanceOf(queue.offer("c", 0, accepted(), 0, () => {}), Overloaded)
  })

  it("Q5 fails what waits and what comes when it is closed", () => {
    const queue = new AppendQueue({ appendsMax: 10, bytesMax: 1e9 })
    const answers: Array<Answer> = []
    queue.offer("a", 0, accepted(), 0, (answer) => answers.push(answer))
    queue.close()
    assert.strictEqual(answers.length, 1)
    assert.instanceOf(Effect.runSync(Effect.flip(answers[0]!)), EventStoreError)
    assert.instanceOf(queue.offer("a", 0, accepted(), 0, () => {}), EventStoreError)
  })
})
