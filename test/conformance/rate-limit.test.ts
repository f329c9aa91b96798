/** How often somebody may do something, over buckets in memory and in PostgreSQL, by one process and by several. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Buckets } from "@vivim/rate-limit/Buckets"
import * as RateLimit from "@vivim/rate-limit/RateLimit"
import * as SqlBuckets from "@vivim/rate-limit/SqlBuckets"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { assert, describe, it } from "vitest"
import { noServer, serverPostgres } from "./ServerPostgres.ts"

const slow = { burst: 10, perMinute: 1 }
const all = Array.from({ length: 40 }, (_, n) => n)

/** How many of many at once are let in. */
const letIn = (ask: (n: number) => Effect.Effect<unknown, unknown>) =>
  Effect.map(
    Effect.forEach(all, (n) => Effect.isSuccess(ask(n)), { concurrency: "unbounded" }),
    (answers) => answers.filter((is) => is).length
  )

const laws = (title: string, buckets: Effect.Effect<Layer.Layer<Buckets>, unknown, Scope.Scope>) =>
  describe(title, () => {
    const run = (work: Effect.Effect<void, unknown, Buckets>) =>
      Effect.flatMap(buckets, (layer) => Effect.provide(work, layer)).pipe(Effect.scoped, Effect.runPromise)

    it("B1 gives no more than was in the bucket, however many take at once", () =>
      run(Effect.gen(function*() {
        const { take } = yield* Buckets
        const taken = yield* Effect.forEach(all, () => take("tea", slow, 3), { concurrency: "unbounded" })
        assert.strictEqual(taken.reduce((sum, { granted }) => sum + granted, 0), slow.burst)
        assert.strictEqual(
          (yield* take("coffee", slow, 20)).granted,
          slow.burst,
          "another bucket, and no more than it holds"
        )
      })))

    it("B2 tells who gets nothing when there will be something", () =>
      run(Effect.gen(function*() {
        const { take } = yield* Buckets
        yield* take("tea", slow, slow.burst)
        const { granted, waitMs } = yield* take("tea", slow, 1)
        assert.strictEqual(granted, 0)
        assert.isAtMost(waitMs, 60_000)
        assert.isAbove(waitMs, 50_000)
        const fast = { burst: 1, perMinute: 60_000 * 60 }
        yield* take("fast", fast, 1)
        assert.strictEqual(
          (yield* Effect.repeat(take("fast", fast, 1), { until: ({ granted }) => granted === 1 })).granted,
          1
        )
      })))

    it("R1 lets no more calls in over several processes than the bucket holds", () =>
      run(Effect.gen(function*() {
        const process = Effect.map(
          Effect.provide(
            RateLimit.RateLimit,
            RateLimit.layer({ tea: slow }).pipe(Layer.provide(Layer.succeed(Buckets, yield* Buckets)))
          ),
          ({ pass }) => pass
        )
        const processes = [yield* process, yield* process, yield* process]
        assert.strictEqual(yield* letIn((n) => processes[n % 3]!("tea", "ada")), slow.burst)
        const refusal = yield* Effect.flip(processes[0]!("tea", "ada"))
        assert.strictEqual(refusal._tag, "TooManyRequests")
        assert.isAbove(refusal.retryAfterMs, 0)
        yield* processes[0]!("tea", "bo")
      })))
  })

laws("buckets in memory", Effect.succeed(Buckets.layerMemory))
// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("with PostgreSQL programs", () => {
  laws(
    "buckets in PostgreSQL",
    Effect.gen(function*() {
      const server = yield* serverPostgres
      const url = yield* server.newDatabase
      return SqlBuckets.layer.pipe(Layer.provide(PgClient.layer({ url, maxConnections: 5 })), Layer.orDie)
    })
  )
})

/** Buckets that count how often they are asked. */
const counted = Effect.gen(function*() {
  const { take } = yield* Effect.provide(Buckets, Buckets.layerMemory)
  const looks = { n: 0 }
  const layer = RateLimit.layer({ tea: { burst: 500, perMinute: 1 } }).pipe(
    Layer.provide(Layer.succeed(Buckets, {
      take: (...asked) => {
        looks.n += 1
        return take(...asked)
      }
    }))
  )
  return { looks, pass: (yield* Effect.provide(RateLimit.RateLimit, layer)).pass }
})

describe("a process", () => {
  const run = (work: Effect.Effect<void, unknown>) => Effect.runPromise(Effect.provide(work, TestContext.TestContext))

  it("R2 looks at the buckets once for a batch of calls", () =>
    run(Effect.gen(function*() {
      const { looks, pass } = yield* counted
      yield* Effect.forEach(Array.from({ length: 100 }), () => pass("tea", "ada"), { concurrency: "unbounded" })
      assert.strictEqual(looks.n, 10)
    })))

  it("R2 gives nothing up: who calls now and then is refused no sooner than who calls at once", () =>
    run(Effect.gen(function*() {
      const { pass } = yield* counted
      for (let n = 0; n < 100; n++) {
        yield* pass("tea", "ada")
        yield* TestClock.adjust("10 seconds")
      }
    })))

  it("R3 does not look again for who was refused, until the wait is over", () =>
    run(Effect.gen(function*() {
      const { looks, pass } = yield* counted
      yield* Effect.forEach(Array.from({ length: 500 }), () => pass("tea", "ada"))
      const refusal = yield* Effect.flip(pass("tea", "ada"))
      const before = looks.n
      yield* Effect.forEach(all, () => Effect.flip(pass("tea", "ada")))
      assert.strictEqual(looks.n, before)
      yield* TestClock.adjust(refusal.retryAfterMs)
      yield* pass("tea", "ada")
    })))
})
