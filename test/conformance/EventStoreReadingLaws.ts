/** What is true of reading from every event store: streams, the log, following, and the hashes of what is read. */
import { matcher } from "@vivim/event-store/EventFilter"
import { isIntact } from "@vivim/event-store/EventHash"
import type { EventFilter, RecordedEvent } from "@vivim/event-store/EventStore"
import { stated } from "@vivim/event-store/Stated"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assert } from "vitest"
import { all, event, events, firstOf, given, newId, type Store } from "./Events.ts"
import { type Law, law, run } from "./Law.ts"

const positions = (log: ReadonlyArray<RecordedEvent>) => log.map(({ position }) => position)
const versions = (log: ReadonlyArray<RecordedEvent>) => log.map(({ version }) => version)

const reading: ReadonlyArray<Law<Store>> = [
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

  law("S1 what was appended, read or followed can be spoilt by nobody", function*(store) {
    const mine = Buffer.from("my own bytes")
    const spoil = ({ hash, meta, previousHash, private: sealed, routing }: RecordedEvent) => {
      for (const bytes of [sealed, meta, routing, hash, previousHash]) bytes.fill(0)
    }
    const followed = yield* Effect.fork(firstOf(1, store.follow(0)))
    yield* Effect.sleep(20)
    yield* store.append("tea/1", 0, [event({ private: mine, meta: mine, routing: mine })])
    mine.fill(0)
    spoil((yield* Fiber.join(followed))[0]!)
    spoil((yield* all(store.read("tea/1")))[0]!)
    const { hash } = yield* store.append("tea/1", 1, events(1))
    hash.fill(0)
    yield* store.append("tea/1", 2, events(1))
    const read: Array<RecordedEvent> = yield* all(store.read("tea/1"))
    assert.strictEqual(Buffer.from(read[0]!.private).toString(), "my own bytes")
    assert.deepStrictEqual(read.map(isIntact), [true, true, true])
    for (const n of [1, 2]) assert.deepStrictEqual([...read[n]!.previousHash], [...read[n - 1]!.hash])
  })
]

const following: ReadonlyArray<Law<Store>> = [
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

  law("S9 what an event brings open reaches followers as it was stated, and no reader", function*(store) {
    const open = Array.from({ length: 30 }, (_, n) => ({ said: `cup ${n}` }))
    const followed = yield* Effect.fork(firstOf(30, store.follow(0)))
    yield* Effect.sleep(20)
    for (const one of open) yield* store.append("tea/1", "any", [{ ...event(), [stated]: one }])
    const seen = yield* Fiber.join(followed)
    for (const [n, one] of seen.entries()) if (one[stated] !== undefined) assert.strictEqual(one[stated], open[n])
    assert.isTrue(seen.some((one) => one[stated] !== undefined))
    const read = [...yield* all(store.read("tea/1")), ...yield* all(store.readAll(0)), yield* store.find(seen[0]!.id)]
    for (const one of read) assert.isUndefined(one![stated])
  }),

  law("S5 who stops following is gone at once", function*(store) {
    const fiber = yield* Effect.fork(Stream.runDrain(store.follow(0)))
    yield* Effect.yieldNow()
    yield* Fiber.interrupt(fiber).pipe(Effect.timeout("5 seconds"))
    yield* store.append("tea/1", 0, events(1))
    assert.deepStrictEqual(positions(yield* firstOf(1, store.follow(0))), [1])
  })
]

const hashing: ReadonlyArray<Law<Store>> = [
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

const pick = <A>(values: ReadonlyArray<A>, n: number): A => values[n % values.length]!

const filter: FastCheck.Arbitrary<EventFilter> = FastCheck.record({
  stream: FastCheck.constantFrom("tea/1", "tea/2", "teapot/1", "tea"),
  category: FastCheck.constantFrom("tea", "teapot", "te"),
  owner: FastCheck.constantFrom("did:key:zAda", "did:key:zBo"),
  types: FastCheck.subarray(["tea.Poured", "tea.*", "teapot.*", "teapot.Filled", "te.*"]),
  since: FastCheck.nat(20),
  until: FastCheck.nat(20)
}, { requiredKeys: [] })

const filtering: ReadonlyArray<Law<Store>> = [
  law("F1 a filter lets through the same, whoever is asked", function*(store) {
    for (let n = 0; n < 60; n++) {
      yield* store.append(pick(["tea/1", "tea/2", "teapot/1", "tea"], n), "any", [
        event({
          at: (n * 7) % 20,
          owner: pick(["did:key:zAda", "did:key:zBo", "did:key:zCy"], n),
          type: pick(["tea.Poured", "teapot.Filled", "tea.Drunk", "teacup.Broken", "tea.Poured"], n)
        })
      ])
    }
    const log: Array<RecordedEvent> = yield* all(store.readAll(0))
    for (const wanted of FastCheck.sample(filter, 40)) {
      const expected = positions(log.filter(matcher(wanted)))
      assert.deepStrictEqual(
        positions(yield* all(store.readAll(0, { filter: wanted }))),
        expected,
        JSON.stringify(wanted)
      )
      const middle = yield* all(store.readAll(11, { filter: wanted, upTo: 47 }))
      assert.deepStrictEqual(positions(middle), expected.filter((position) => position > 11 && position <= 47))
      const followed = yield* firstOf(expected.length, store.follow(0, { filter: wanted }))
      assert.deepStrictEqual(positions(followed), expected)
    }
  })
]

export const eventStoreReadingLaws: ReadonlyArray<Law<Store>> = [...reading, ...following, ...hashing, ...filtering]
