/** What is true of appending to every event store, whatever it is written on; and, with the laws of reading, all that is true of one. */
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { all, answer, event, events, type Store } from "./Events.ts"
import { eventStoreReadingLaws } from "./EventStoreReadingLaws.ts"
import { type Law, law, run } from "./Law.ts"

const positions = (log: ReadonlyArray<RecordedEvent>) => log.map(({ position }) => position)
const versions = (log: ReadonlyArray<RecordedEvent>) => log.map(({ version }) => version)

const moving: ReadonlyArray<Law<Store>> = [
  law("S2 a stream that moved refuses, says where it stands, and keeps nothing", function*(store) {
    yield* store.append("tea/1", 0, events(2))
    for (const expected of [0, 1, 3]) {
      const refusal = yield* Effect.flip(store.append("tea/1", expected, events(2)))
      assert.deepInclude(refusal, { _tag: "StreamMoved", stream: "tea/1", expected, actual: 2 })
    }
    const refusal = yield* Effect.flip(store.append("tea/2", "exists", events(1)))
    assert.deepInclude(refusal, { _tag: "StreamMoved", stream: "tea/2", expected: "exists", actual: 0 })
    assert.strictEqual(yield* store.head, 2)
    assert.deepStrictEqual(versions(yield* all(store.read("tea/1"))), [1, 2])
    assert.isNull(yield* store.streamHead("tea/2"))
  }),

  law("S2 a stream that stands as expected takes the append, also when anything will do", function*(store) {
    yield* store.append("tea/1", "any", events(1))
    yield* store.append("tea/1", "exists", events(2))
    yield* store.append("tea/1", 3, events(1))
    yield* store.append("tea/1", "any", events(1))
    assert.deepStrictEqual(versions(yield* all(store.read("tea/1"))), [1, 2, 3, 4, 5])
  }),

  law("S2 of many who expect the same, one wins and the others are told", function*(store) {
    yield* store.append("tea/1", 0, events(1))
    const answers = yield* Effect.forEach(
      run(1, 40),
      () =>
        Effect.match(store.append("tea/1", 1, events(1)), {
          onSuccess: ({ lastVersion }) => `kept as ${lastVersion}`,
          onFailure: (error) => error._tag === "StreamMoved" ? `it stands at ${error.actual}` : error._tag
        }),
      { concurrency: "unbounded" }
    )
    assert.deepStrictEqual(answers.toSorted(), [...Array(39).fill("it stands at 2"), "kept as 2"])
    assert.strictEqual((yield* all(store.read("tea/1"))).length, 2)
  }),

  law(
    "S8 an append that continues a refused one falls with it, though the stream stands where it says",
    function*(store) {
      yield* store.append("tea/1", 0, events(3))
      // One expects 2 and brings 1: refused. The next expects the 3 that one was to reach; it is at 3, but by somebody else's event.
      const pipelined: Array<string> = yield* Effect.forEach(
        [2, 3, 4],
        (expected) => answer(store.append("tea/1", expected, events(1))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(pipelined, ["StreamMoved", "StreamMoved", "StreamMoved"])
      assert.strictEqual(yield* store.head, 3)
    }
  )
]

const order: ReadonlyArray<Law<Store>> = [
  law("S3 positions are gap-free and in the order of commits; an append takes consecutive ones", function*(store) {
    const answers = yield* Effect.forEach(run(1, 200), (n) =>
      Effect.gen(function*() {
        const before = yield* store.head
        const appended = yield* store.append(`tea/${n % 7}`, "any", events(1 + n % 4))
        assert.isAbove(appended.firstPosition, before)
        assert.isAtLeast(yield* store.head, appended.lastPosition)
        return appended
      }), { concurrency: 50 })
    const log: Array<RecordedEvent> = yield* all(store.readAll(0))
    assert.deepStrictEqual(positions(log), run(1, log.length))
    assert.strictEqual(yield* store.head, log.length)
    for (const { firstPosition, firstVersion, lastPosition, lastVersion, stream } of answers) {
      const its = log.slice(firstPosition - 1, lastPosition)
      assert.deepStrictEqual(versions(its), run(firstVersion, lastVersion))
      assert.isTrue(its.every((event) => event.stream === stream))
    }
  }),

  law("S3 the log is read from any position to any position", function*(store) {
    yield* store.append("tea/1", 0, events(5))
    yield* store.append("tea/2", 0, events(5))
    assert.deepStrictEqual(positions(yield* all(store.readAll(3))), run(4, 10))
    assert.deepStrictEqual(positions(yield* all(store.readAll(3, { upTo: 7 }))), run(4, 7))
    assert.deepStrictEqual(positions(yield* all(store.readAll(0, { upTo: 99 }))), run(1, 10))
    assert.deepStrictEqual(yield* all(store.readAll(10)), [])
    assert.deepInclude(yield* store.streamHead("tea/2"), { version: 5, position: 10 })
  })
]

const once: ReadonlyArray<Law<Store>> = [
  law("S4 the same append again answers its first place, wherever the stream stands by now", function*(store) {
    yield* store.append("tea/0", 0, events(3))
    const same = events(2)
    const first = yield* store.append("tea/1", 0, same)
    yield* store.append("tea/1", 2, events(1))
    for (const expected of [0, 3, 7, "any", "exists"] as const) {
      const again = yield* store.append("tea/1", expected, same)
      assert.deepStrictEqual({ ...again, hash: [...again.hash] }, { ...first, hash: [...first.hash], duplicate: true })
    }
    assert.strictEqual(yield* store.head, 6)
  }),

  law("S4 the same append at once, many times, lies there once", function*(store) {
    const same = events(2)
    const answers = yield* Effect.forEach(
      run(1, 30),
      (n) => store.append("tea/1", n % 2 === 0 ? 0 : "any", same),
      { concurrency: "unbounded" }
    )
    assert.deepStrictEqual(new Set(answers.map(({ firstPosition }) => firstPosition)), new Set([1]))
    assert.strictEqual(answers.filter(({ duplicate }) => !duplicate).length, 1)
    assert.strictEqual(yield* store.head, 2)
  }),

  law("S4 another append with a taken id is refused before its version is looked at", function*(store) {
    const [one, two] = [event(), event()]
    yield* store.append("tea/1", 0, [one, two])
    const attempts = [
      ["tea/2", 0, [one]],
      ["tea/2", 5, [event(), two]],
      ["tea/1", 2, [two, event()]],
      ["tea/1", 0, [two, one]],
      ["tea/1", "any", [one, event()]]
    ] as const
    for (const [stream, expected, its] of attempts) {
      const refusal = yield* Effect.flip(store.append(stream, expected, its as any))
      const taken = its.find(({ id }) => id === one.id || id === two.id)!
      assert.deepInclude(refusal, { _tag: "EventIdTaken", id: taken.id, stream: "tea/1" })
    }
    assert.strictEqual(yield* store.head, 2)
    assert.isTrue((yield* store.append("tea/1", 0, [two])).duplicate)
  })
]

const bounds: ReadonlyArray<Law<Store>> = [
  law("S7 an append that is too large is refused whole, and told what is allowed", function*(store) {
    const many = yield* Effect.flip(store.append("tea/1", 0, events(1_001)))
    assert.deepInclude(many, { _tag: "AppendTooLarge", limit: "events", actual: 1_001, max: 1_000 })
    const big = event({ private: new Uint8Array(1024 * 1024) })
    const large = yield* Effect.flip(store.append("tea/1", 0, [event(), big]))
    assert.deepInclude(large, { _tag: "AppendTooLarge", limit: "eventBytes", max: 1024 * 1024 })
    const heavy = events(17, { private: new Uint8Array(1024 * 1024 - 200) })
    assert.deepInclude(yield* Effect.flip(store.append("tea/1", 0, heavy)), {
      limit: "appendBytes",
      max: 16 * 1024 * 1024
    })
    assert.strictEqual(yield* store.head, 0)
  }),

  law("S7 an append that makes no sense dies alone", function*(store) {
    const twice = event()
    const nonsense = [[event({ id: "x" })], [event({ owner: "a\0b" })], [event({ type: "\ud800" })], [
      event({ at: 0.5 })
    ], [twice, twice]]
    const exits = yield* Effect.forEach(
      nonsense,
      (its) => Effect.exit(store.append("tea/1", "any", its as any)),
      { concurrency: "unbounded" }
    )
    assert.deepStrictEqual(exits.map(({ cause }: any) => cause?._tag), Array(5).fill("Die"))
    yield* store.append("tea/1", 0, events(1))
  })
]

export const eventStoreLaws: ReadonlyArray<Law<Store>> = [
  ...moving,
  ...order,
  ...once,
  ...bounds,
  ...eventStoreReadingLaws
]
