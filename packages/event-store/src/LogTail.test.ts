/** The shared end of the log, over a log that can be made slow and broken at will. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assert, describe, it } from "vitest"
import type { EventFilter, RecordedEvent } from "./EventStore.ts"
import { EventStoreError } from "./EventStoreError.ts"
import { LogTail } from "./LogTail.ts"

const bytes = new Uint8Array(10)
const event = (position: number): RecordedEvent =>
  ({ position, stream: "tea/1", at: position, meta: bytes, routing: bytes, private: bytes }) as RecordedEvent
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** A log in memory that counts its readers, and fails while `failing` says why. */
const make = (eventsMax = 10, bytesMax = 1e9) => {
  const log = { end: 0, reads: 0, failing: null as unknown }
  const readPage = (after: number, upTo: number, filter?: EventFilter) =>
    Effect.suspend(() => {
      log.reads++
      if (log.failing !== null) return new EventStoreError({ doing: "read the log", cause: log.failing })
      const last = Math.min(upTo, after + 5)
      const events = run(after + 1, last).map(event).filter(({ at }) => at >= (filter?.since ?? 0))
      return Effect.delay(Effect.succeed({ events, upTo: last }), 1)
    })
  const tail = new LogTail(readPage, 0, { eventsMax, bytesMax })
  return {
    log,
    tail,
    /** This process commits. */
    commit: (count: number) => {
      const from = log.end + 1
      log.end += count
      tail.committed(run(from, log.end).map(event))
    },
    /** Another process commits. */
    hear: (count: number) => {
      log.end += count
      tail.heard(log.end)
    }
  }
}

type Tail = ReturnType<typeof make>

const take = (tail: LogTail, after: number, count: number, filter?: EventFilter) =>
  tail.follow(after, filter).pipe(
    Stream.flattenIterables,
    Stream.take(count),
    Stream.map(({ position }) => position),
    Stream.runCollect
  )

const scenario = (body: (tail: Tail) => Effect.Effect<void, unknown>, made = make()) =>
  Effect.runPromise(
    Effect.scoped(Effect.zipRight(Effect.forkScoped(made.tail.read), body(made))).pipe(Effect.timeout("5 seconds"))
  )

const turns = Effect.sleep(5)

describe("the end of the log", () => {
  it("T1 shows what this process commits without a read", () =>
    scenario(({ commit, log, tail }) =>
      Effect.gen(function*() {
        const followers = yield* Effect.forEach(run(1, 100), () => Effect.fork(take(tail, 0, 8)))
        yield* turns
        commit(3)
        commit(5)
        for (const follower of followers) assert.deepStrictEqual([...(yield* Fiber.join(follower))], run(1, 8))
        assert.strictEqual(log.reads, 0)
      })
    ))

  it("T1 reads what others commit once for all", () =>
    scenario(({ hear, log, tail }) =>
      Effect.gen(function*() {
        const followers = yield* Effect.forEach(run(1, 100), () => Effect.fork(take(tail, 0, 8)))
        yield* turns
        hear(8)
        for (const follower of followers) assert.deepStrictEqual([...(yield* Fiber.join(follower))], run(1, 8))
        assert.strictEqual(log.reads, 2)
      })
    ))

  it("T1 reads nothing when nobody follows", () =>
    scenario(({ commit, hear, log }) =>
      Effect.gen(function*() {
        hear(20)
        commit(20)
        yield* turns
        assert.strictEqual(log.reads, 0)
      })
    ))

  it("T2 keeps no more than its window, and a slow follower pages and comes back", () =>
    scenario(({ commit, log, tail }) =>
      Effect.gen(function*() {
        const seen: Array<number> = []
        const slow = yield* tail.follow(0, undefined).pipe(
          Stream.tap((batch) =>
            Effect.delay(Effect.sync(() => seen.push(...batch.map(({ position }) => position))), 3)
          ),
          Stream.takeUntil((batch) => batch.at(-1)!.position === 200),
          Stream.runDrain,
          Effect.fork
        )
        yield* turns
        const quick = yield* Effect.fork(take(tail, 0, 200))
        for (let n = 0; n < 100; n++) {
          commit(2)
          yield* Effect.yieldNow()
        }
        assert.deepStrictEqual([...(yield* Fiber.join(quick))], run(1, 200))
        yield* Fiber.join(slow)
        assert.deepStrictEqual(seen, run(1, 200))
        assert.isAbove(log.reads, 0)
        assert.isAtMost((tail as unknown as { readonly window: ReadonlyArray<unknown> }).window.length, 10)
      })
    ))

  it("T2 is bounded in bytes as well", () =>
    scenario(({ commit, tail }) =>
      Effect.gen(function*() {
        const follower = yield* Effect.fork(take(tail, 0, 30))
        yield* turns
        for (let n = 0; n < 10; n++) commit(3)
        assert.deepStrictEqual([...(yield* Fiber.join(follower))], run(1, 30))
        assert.strictEqual((tail as unknown as { readonly window: ReadonlyArray<unknown> }).window.length, 0)
      }), make(1_000, 80)))

  it("T3 joins commits of this process and of others without gap or duplicate", () =>
    scenario(({ commit, hear, tail }) =>
      Effect.gen(function*() {
        const followers = yield* Effect.forEach(
          [0, 7, 100, 290],
          (after) => Effect.fork(take(tail, after, 300 - after))
        )
        for (let n = 0; n < 100; n++) {
          if (n % 3 === 0) hear(3)
          else commit(3)
          if (n % 7 === 0) yield* Effect.sleep(1)
        }
        for (const [i, after] of [0, 7, 100, 290].entries()) {
          assert.deepStrictEqual([...(yield* Fiber.join(followers[i]!))], run(after + 1, 300))
        }
      })
    ))

  it("T3 goes through what a filter leaves out", () =>
    scenario(({ commit, tail }) =>
      Effect.gen(function*() {
        commit(50)
        const follower = yield* Effect.fork(take(tail, 0, 3, { since: 60 }))
        yield* turns
        commit(50)
        assert.deepStrictEqual([...(yield* Fiber.join(follower))], [60, 61, 62])
      })
    ))

  it("T4 waits for a database that is away", () =>
    scenario(({ hear, log, tail }) =>
      Effect.gen(function*() {
        const follower = yield* Effect.fork(take(tail, 0, 9))
        const late = yield* Effect.fork(take(tail, 2, 7))
        yield* turns
        log.failing = Object.assign(new Error("gone"), { code: "ECONNREFUSED" })
        hear(9)
        yield* turns
        log.failing = null
        assert.deepStrictEqual([...(yield* Fiber.join(follower))], run(1, 9))
        assert.deepStrictEqual([...(yield* Fiber.join(late))], run(3, 9))
      })
    ))

  it("T4 does not wait for what no waiting cures", () =>
    scenario(({ hear, log, tail }) =>
      Effect.gen(function*() {
        const follower = yield* Effect.fork(Effect.flip(take(tail, 0, 9)))
        yield* turns
        log.failing = Object.assign(new Error("no such table"), { code: "42P01" })
        hear(9)
        assert.instanceOf(yield* Fiber.join(follower), EventStoreError)
      })
    ))

  it("T5 is left without a trace", () =>
    scenario(({ commit, log, tail }) =>
      Effect.gen(function*() {
        for (let n = 0; n < 20; n++) {
          const followers = yield* Effect.forEach(run(1, 10), () => Effect.fork(take(tail, 0, 1_000)))
          yield* turns
          commit(1)
          yield* Fiber.interruptAll(followers)
        }
        const { followers, waiting, window } = tail as unknown as Record<string, any>
        assert.deepStrictEqual([followers, window.length], [0, 0])
        assert.isAtMost(waiting.size, 1, "only the reader waits")
        log.reads = 0
        commit(5)
        yield* turns
        assert.strictEqual(log.reads, 0)
      })
    ))
})
