/** Rounds under way, with a server that answers when it is told to. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { assert, describe, it } from "vitest"
import { AppendQueue, isWaiting, queueLimits } from "./AppendQueue.ts"
import { event } from "./EventExample.ts"
import { noHash } from "./EventHash.ts"
import type { Appended, Expected, NewEvent, RecordedEvent } from "./EventStore.ts"
import { SessionError } from "./PostgresSession.ts"
import { elsewhere } from "./PostgresTables.ts"
import type { Writer } from "./RoundAnswers.ts"
import { RoundPipeline, taken } from "./RoundPipeline.ts"
import { StreamHeads } from "./StreamHeads.ts"

const refused = new SessionError({ message: "the log does not stand there", code: elsewhere })
const twice = new SessionError({ message: "duplicate key", code: taken })
const gone = new SessionError({ message: "the connection is gone", code: undefined })

/** `heads`: streams that are known to stand at a version. */
const world = (heads: Readonly<Record<string, number>> = {}, roundsMax = 2) => {
  const asked: Array<(error: SessionError | null) => void> = []
  const kept: Array<RecordedEvent> = []
  const answers: Array<string> = []
  const writer: Writer = {
    queue: new AppendQueue(queueLimits),
    heads: new StreamHeads(1_000),
    kept: (events) => kept.push(...events),
    tail: { position: 0, hash: noHash() },
    alone: true,
    careful: false
  }
  for (const [stream, version] of Object.entries(heads)) writer.heads.learn(stream, { version, hash: noHash() })
  const post = (_: Buffer, done: (error: SessionError | null, told: ReadonlyArray<string>) => void) => {
    asked.push((error) => done(error, ["", "{}"]))
  }
  const pipeline = new RoundPipeline({ post }, writer, () => 0, { roundsMax, pieceMin: 32 })
  const carrying = Effect.runFork(pipeline.carrying)
  const append = (stream: string, expected: Expected, events: ReadonlyArray<NewEvent> = [event()]) => {
    const name = `${stream}@${expected}`
    const said = (exit: Exit.Exit<Appended, { readonly _tag: string }>) =>
      answers.push(
        `${name}: ${
          Exit.match(exit, {
            onSuccess: ({ lastPosition, lastVersion }) => `version ${lastVersion}, position ${lastPosition}`,
            onFailure: (cause) => cause._tag === "Fail" ? cause.error._tag : cause._tag
          })
        }`
      )
    const offered = writer.queue.offer(stream, expected, { bytes: 1, events: events as never }, 0, (answer) => {
      said(Effect.runSyncExit(answer))
    })
    if (!isWaiting(offered)) throw offered
    return offered
  }
  const many = (name: string, appends: number) => {
    for (let n = 0; n < appends; n++) append(`${name}-${n}`, 0)
  }
  return { writer, pipeline, asked, kept, answers, append, many, carrying }
}

/** What was to be sent is sent. */
const sent = () => new Promise<void>((resolve) => setImmediate(resolve))
/** One append to a new stream, and behind it a round of others. */
const twoUnderWay = async () => {
  const { append, many, ...rest } = world()
  append("a", 0)
  await sent()
  many("b", 32)
  await sent()
  return rest
}
const positions = (events: ReadonlyArray<RecordedEvent>) => events.map(({ position }) => position)
const from1To = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

describe("rounds under way", () => {
  it("X1 are answered in their order, each when it is durable, in places foreseen", async () => {
    const { answers, append, asked, kept, many } = world({ a: 4 })
    append("a", 4)
    await sent()
    append("a", 5)
    many("b", 40)
    await sent()
    assert.strictEqual(asked.length, 2, "the second did not wait for the first")
    assert.deepStrictEqual([answers, kept], [[], []], "and nobody was told anything")
    asked[0]!(null)
    assert.deepStrictEqual(answers, ["a@4: version 5, position 1"])
    assert.deepStrictEqual(positions(kept), [1])
    asked[1]!(null)
    assert.strictEqual(answers[1], "a@5: version 6, position 2", "it lies behind what was under way")
    assert.deepStrictEqual(positions(kept).slice(0, 2), [1, 2])
    assert.deepStrictEqual(kept[1]!.previousHash, kept[0]!.hash)
  })

  it("X2 what was planned behind a refused round is planned again with it, in order, the slow way", async () => {
    for (const verdict of [refused, twice]) {
      const { answers, append, asked, many, pipeline, writer } = world({ a: 4 })
      append("a", 4)
      await sent()
      append("a", 5)
      many("b", 32)
      await sent()
      const left = writer.queue.size.appends
      asked[0]!(verdict)
      assert.strictEqual(writer.queue.size.appends, left, "nobody knows yet what becomes of the second")
      asked[1]!(refused)
      await Effect.runPromise(pipeline.stuck.pipe(Effect.timeout("1 second")))
      const again = writer.queue.take(100, 1e9)
      assert.deepStrictEqual(again.slice(0, 3).map(({ expected, stream }) => `${stream}@${expected}`), [
        "a@4",
        "a@5",
        "b-0@0"
      ])
      assert.deepStrictEqual([writer.alone, writer.tail, writer.careful], [false, null, verdict === twice])
      assert.deepStrictEqual([writer.heads.get("a")?.version, writer.heads.isSure("a")], [4, false])
      assert.isFalse(writer.heads.has("b-0"), "no head of what is not there is believed")
      assert.isTrue(again.every((waiting) => !waiting.sent))
      assert.deepStrictEqual([answers, asked.length], [[], 2])
    }
  })

  it("X2 each round has its own verdict: one that was kept behind a refused one is answered", async () => {
    const { answers, asked, kept, writer } = await twoUnderWay()
    asked[0]!(refused)
    asked[1]!(null)
    assert.deepStrictEqual(answers[0], "b-0@0: version 1, position 2")
    assert.isAtLeast(kept.length, 1)
    assert.strictEqual(writer.queue.take(100, 1e9)[0]!.stream, "a")
  })

  it("X3 of what is behind a round nobody knows of, nobody knows; what only waits goes on waiting", async () => {
    const { answers, append, asked, carrying, kept, many, writer } = world()
    append("a", 0)
    await sent()
    many("b", 33)
    await sent()
    many("c", 2)
    const underWay = 1 + 33 + 2 - writer.queue.size.appends
    asked[0]!(gone)
    assert.strictEqual(answers.length, underWay)
    assert.isTrue(answers.every((answer) => answer.endsWith("EventStoreError")))
    assert.strictEqual(answers[0], "a@0: EventStoreError")
    assert.deepStrictEqual(writer.queue.take(100, 1e9).at(-1)!.stream, "c-1")
    assert.isTrue(Exit.isFailure(await Effect.runPromise(Fiber.await(carrying))))
    asked[1]!(null)
    assert.deepStrictEqual([answers.length, kept], [underWay, []], "an answer that comes late is nobody's")
  })

  it("X3 what was refused before the connection was lost is known not to be kept, and goes on", async () => {
    const { answers, asked, writer } = await twoUnderWay()
    asked[0]!(refused)
    asked[1]!(gone)
    assert.isFalse(answers.some((answer) => answer.startsWith("a@")))
    assert.strictEqual(writer.queue.take(100, 1e9)[0]!.stream, "a")
  })

  it("X3 who waited for the session is let go with it", async () => {
    const { append, asked, pipeline } = world()
    append("a", 0)
    await sent()
    let begun = false
    const looking = Effect.runFork(pipeline.exclusively(Effect.sync(() => {
      begun = true
    })))
    await sent()
    asked[0]!(gone)
    await sent()
    await Effect.runPromise(Fiber.interrupt(looking).pipe(Effect.disconnect, Effect.timeout("1 second")))
    await Effect.runPromise(pipeline.drained.pipe(Effect.timeout("1 second")))
    assert.isFalse(begun)
  })

  it("X4 one alone goes at once, the next behind it only when it is worth it, and never a third", async () => {
    const { append, asked, many, writer } = world()
    append("a", 0)
    await sent()
    assert.strictEqual(asked.length, 1)
    many("b", 31)
    await sent()
    assert.strictEqual(asked.length, 1, "a few wait for the answer")
    many("c", 33)
    await sent()
    assert.strictEqual(asked.length, 2)
    many("d", 100)
    await sent()
    assert.strictEqual(asked.length, 2)
    const left = writer.queue.size.appends
    asked[0]!(null)
    assert.strictEqual(asked.length, 3, "with the answer the next goes")
    assert.isBelow(writer.queue.size.appends, left)
  })

  it("X4 a crowd is halved, so that both sides have something to do", async () => {
    const { asked, kept, many, writer } = world()
    many("a", 64)
    await sent()
    assert.deepStrictEqual([asked.length, writer.queue.size.appends], [2, 0])
    asked[0]!(null)
    assert.deepStrictEqual(positions(kept), from1To(32))
    asked[1]!(null)
    assert.deepStrictEqual(positions(kept), from1To(64))
  })

  it("X4 so many rounds as it is told share the crowd; with one, all of it goes at once", async () => {
    for (const [roundsMax, ends] of [[1, [96]], [3, [32, 64, 96]]] as const) {
      const { asked, kept, many } = world({}, roundsMax)
      many("a", 96)
      await sent()
      assert.strictEqual(asked.length, roundsMax)
      for (const [n, end] of ends.entries()) {
        asked[n]!(null)
        assert.deepStrictEqual(positions(kept), from1To(end))
      }
    }
  })

  it("X5 what cannot be judged on the way waits until nothing is under way", async () => {
    const { append, asked, many, pipeline } = world()
    append("a", 0)
    await sent()
    append("unknown", "any")
    many("b", 40)
    await sent()
    assert.strictEqual(asked.length, 1)
    await Effect.runPromise(pipeline.stuck.pipe(Effect.timeout("1 second")))
    let begun = false
    const turn = Effect.runFork(pipeline.exclusively(Effect.sync(() => {
      begun = true
    })))
    await sent()
    assert.isFalse(begun)
    asked[0]!(null)
    await Effect.runPromise(Fiber.join(turn))
    assert.isTrue(begun)
  })

  it("X5 a refusal that hangs on a round under way alone is not planned", async () => {
    const { answers, append, asked, pipeline } = world({ a: 4 })
    append("a", 4)
    await sent()
    for (let n = 0; n < 40; n++) append("a", 4)
    await sent()
    assert.strictEqual(asked.length, 1)
    await Effect.runPromise(pipeline.stuck.pipe(Effect.timeout("1 second")))
    assert.deepStrictEqual(answers, [])
  })

  it("X5 an append that continues one about to be refused waits with it, one that continues a kept one does not", async () => {
    const { append, asked, many, writer } = world({ a: 4, b: 4 })
    append("a", 4)
    append("b", 2)
    await sent()
    append("a", 5)
    append("b", 3)
    many("c", 40)
    await sent()
    assert.strictEqual(asked.length, 2)
    const left = writer.queue.take(100, 1e9).map(({ expected, stream }) => `${stream}@${expected}`)
    assert.strictEqual(left[0], "b@3")
    assert.notInclude(left, "a@5")
  })
})
