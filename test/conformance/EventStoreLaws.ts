/**
 * What is true of every event store, whatever it is written on. A law is a value: it can be held against a store that keeps it,
 * and against one that was broken on purpose, to see that it would notice.
 */
import { isIntact } from "@vivim/event-store/EventHash"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assert } from "vitest"
import { all, answer, event, events, firstOf, given, newId, type Store } from "./Events.ts"

export interface Law {
  readonly title: string
  readonly holds: (store: Store) => Effect.Effect<void, unknown>
}

const law = (title: string, holds: (store: Store) => Generator<any, void, any>): Law => ({
  title,
  holds: (store) => Effect.gen(() => holds(store)) as Effect.Effect<void, unknown>
})

const positions = (log: ReadonlyArray<RecordedEvent>) => log.map(({ position }) => position)
const versions = (log: ReadonlyArray<RecordedEvent>) => log.map(({ version }) => version)
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

const reading: ReadonlyArray<Law> = [
  law("S1 what is appended is read back in order, byte for byte", function*(store) {
    const written = [
      event({ private: new Uint8Array(0), routing: new Uint8Array([0, 255, 0]) }),
      event({ owner: "did:key:zBo–ü–🍵", type: "tea.Poured–ü" }),
      event({ private: new Uint8Array(200_000).map((_, i) => i % 251), at: 0 })
    ] as const
    yield* store.append("tea/späte–🍵", 0, written)
    const read: Array<RecordedEvent> = yield* all(store.read("tea/späte–🍵"))
    assert.deepStrictEqual(read.map(given), written.map(given))
    assert.deepStrictEqual(versions(read), [1, 2, 3])
    assert.deepStrictEqual(read.map(({ stream }) => stream), Array(3).fill("tea/späte–🍵"))
    assert.deepStrictEqual(given((yield* store.find(written[1].id))!), given(written[1]))
    assert.isNull(yield* store.find(newId()))
  }),

  law("S1 a long stream is read in order and whole, from wherever one begins", function*(store) {
    for (let version = 0; version < 2_400; version += 800) yield* store.append("tea/long", version, events(800))
    yield* store.append("tea/other", 0, events(1))
    assert.deepStrictEqual(versions(yield* all(store.read("tea/long"))), run(1, 2_400))
    assert.deepStrictEqual(versions(yield* all(store.read("tea/long", 1_999))), run(2_000, 2_400))
    assert.deepStrictEqual(yield* all(store.read("tea/long", 2_400)), [])
    assert.deepStrictEqual(yield* all(store.read("tea/none")), [])
  }),

  law("S1 what was appended or read can be spoilt by nobody", function*(store) {
    const mine = Buffer.from("my own bytes")
    const appended = event({ private: mine, meta: mine, routing: mine })
    yield* store.append("tea/1", 0, [appended])
    mine.fill(0)
    const [first] = yield* all(store.read("tea/1"))
    for (const bytes of [first!.private, first!.meta, first!.routing, first!.hash, first!.previousHash]) bytes.fill(0)
    const { hash } = yield* store.append("tea/1", 1, events(1))
    hash.fill(0)
    const read: Array<RecordedEvent> = yield* all(store.read("tea/1"))
    assert.strictEqual(Buffer.from(read[0]!.private).toString(), "my own bytes")
    assert.deepStrictEqual(read.map(isIntact), [true, true])
    assert.deepStrictEqual([...read[1]!.previousHash], [...read[0]!.hash])
  })
]

const moving: ReadonlyArray<Law> = [
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
    const answers: Array<string> = yield* Effect.forEach(
      run(1, 40),
      () => answer(store.append("tea/1", 1, events(1))),
      { concurrency: "unbounded" }
    )
    assert.deepStrictEqual(answers.toSorted(), ["Appended", ...Array(39).fill("StreamMoved")])
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

const order: ReadonlyArray<Law> = [
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

const once: ReadonlyArray<Law> = [
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

const following: ReadonlyArray<Law> = [
  law("S5 following sees the past, then the future, each event once and in order", function*(store) {
    yield* store.append("tea/1", 0, events(5))
    const early = yield* Effect.fork(firstOf(45, store.follow(0)))
    const middle = yield* Effect.fork(firstOf(42, store.follow(3)))
    const late = yield* Effect.fork(firstOf(10, store.follow(35)))
    yield* Effect.forEach(run(1, 20), (n) => store.append(`tea/${n % 3}`, "any", events(2)), { concurrency: 5 })
    assert.deepStrictEqual(positions(yield* Fiber.join(early)), run(1, 45))
    assert.deepStrictEqual(positions(yield* Fiber.join(middle)), run(4, 45))
    assert.deepStrictEqual(positions(yield* Fiber.join(late)), run(36, 45))
  }),

  law("S5 who follows slowly misses nothing and holds nobody", function*(store) {
    const slow = yield* store.follow(0).pipe(
      Stream.tap(() => Effect.sleep(5)),
      (followed) => firstOf(300, followed),
      Effect.fork
    )
    const quick = yield* Effect.fork(firstOf(300, store.follow(0)))
    yield* Effect.forEach(run(1, 150), (n) => store.append(`tea/${n}`, 0, events(2)), { concurrency: 10 })
    assert.deepStrictEqual(positions(yield* Fiber.join(quick)), run(1, 300))
    assert.deepStrictEqual(positions(yield* Fiber.join(slow)), run(1, 300))
  }),

  law("S5 following with a filter sees what it asks for and nothing else", function*(store) {
    yield* store.append("tea/1", 0, events(2))
    const followed = yield* Effect.fork(firstOf(3, store.follow(0, { filter: { category: "cup" } })))
    yield* store.append("cup/1", 0, events(1))
    yield* store.append("tea/1", 2, events(2))
    yield* store.append("cup/2", 0, events(2))
    assert.deepStrictEqual((yield* Fiber.join(followed)).map(({ stream }) => stream), ["cup/1", "cup/2", "cup/2"])
  }),

  law("S5 who stops following is gone at once", function*(store) {
    const fiber = yield* Effect.fork(Stream.runDrain(store.follow(0)))
    yield* Effect.yieldNow()
    yield* Fiber.interrupt(fiber).pipe(Effect.timeout("5 seconds"))
    yield* store.append("tea/1", 0, events(1))
    assert.deepStrictEqual(positions(yield* firstOf(1, store.follow(0))), [1])
  })
]

const hashing: ReadonlyArray<Law> = [
  law("S6 every stream is a chain of hashes over all it holds", function*(store) {
    for (let n = 0; n < 20; n++) yield* store.append(`tea/${n % 3}`, "any", events(1 + n % 3))
    const log: Array<RecordedEvent> = yield* all(store.readAll(0))
    for (const stream of ["tea/0", "tea/1", "tea/2"]) {
      let previous: ReadonlyArray<number> = Array(32).fill(0)
      for (const event of log.filter((event) => event.stream === stream)) {
        assert.deepStrictEqual([...event.previousHash], previous)
        assert.isTrue(isIntact(event))
        previous = [...event.hash]
      }
      assert.deepStrictEqual([...(yield* store.streamHead(stream))!.hash], previous)
    }
  }),

  law("S6 an append answers the hash of its last event", function*(store) {
    const { hash } = yield* store.append("tea/1", 0, events(3))
    assert.deepStrictEqual([...hash], [...(yield* store.streamHead("tea/1"))!.hash])
  })
]

const bounds: ReadonlyArray<Law> = [
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

export const eventStoreLaws: ReadonlyArray<Law> = [
  ...reading,
  ...moving,
  ...order,
  ...once,
  ...following,
  ...hashing,
  ...bounds
]
