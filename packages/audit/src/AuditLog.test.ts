/** The audit of a log in memory: what is signed, what is refused, and what a fault between two steps leaves behind. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { exampleKey, pour } from "./AuditExample.ts"
import * as AuditLog from "./AuditLog.ts"
import { AuditStore, AuditStoreError } from "./AuditStore.ts"
import * as Checkpoint from "./Checkpoint.ts"
import * as HeadFile from "./HeadFile.ts"
import { leafHash, verifyConsistency, verifyInclusion } from "./MerkleTree.ts"
import * as TreeProof from "./TreeProof.ts"

type Store = Context.Tag.Service<AuditStore>
type Events = Context.Tag.Service<EventStore>

let headFile = ""
beforeEach(() => {
  headFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "vivim-audit-")), "audit.head")
})
afterEach(() => fs.rmSync(path.dirname(headFile), { recursive: true, force: true }))

/** A process of a node on these stores, as long as the scope. */
const start = (store: Store, eventStore: Events, options: Partial<AuditLog.Options> = {}) =>
  Effect.map(
    Layer.build(
      AuditLog.layer({ key: exampleKey, headFile, headEvery: "1 day", ...options }).pipe(
        Layer.provide(Layer.mergeAll(
          Layer.succeed(AuditStore, store),
          Layer.succeed(EventStore, eventStore),
          Logger.minimumLogLevel(LogLevel.None)
        ))
      )
    ),
    Context.get(AuditLog.AuditLog)
  )

const inMemory = <A, E>(body: (store: Store, events: Events) => Effect.Effect<A, E, EventStore>) =>
  Effect.runPromise(
    Effect.gen(function*() {
      return yield* body(yield* AuditStore, yield* EventStore)
    }).pipe(Effect.provide(Layer.merge(AuditStore.layerMemory, EventStore.layerMemory)))
  )

const checkpoint = (log: Context.Tag.Service<AuditLog.AuditLog>, note: string) =>
  Checkpoint.opened(note, log.key) ?? assert.fail("not signed")

describe("signed heads", () => {
  it("D1 are over all that was committed, and the same while nothing is", () =>
    inMemory((store, events) =>
      Effect.scoped(Effect.gen(function*() {
        const log = yield* start(store, events)
        assert.strictEqual((yield* log.signHead).size, 0)
        for (const size of [1, 2, 300, 301]) {
          yield* pour(size - (yield* events.head))
          const head = yield* log.signHead
          assert.strictEqual(head.size, size)
          assert.deepStrictEqual(yield* log.signHead, head)
          assert.deepInclude({ ...checkpoint(log, head.note) }, { size })
        }
        const sizes = (yield* store.heads(0, 100)).map(({ size }) => size)
        assert.includeMembers(sizes, [0, 1, 2, 300, 301])
        assert.lengthOf(new Set(sizes), sizes.length)
      }))
    ))

  it("D1 two processes on one log sign one history", () =>
    inMemory((store, events) =>
      Effect.scoped(Effect.gen(function*() {
        const [one, other] = [yield* start(store, events), yield* start(store, events)]
        for (let round = 0; round < 5; round++) {
          yield* pour(30)
          yield* Effect.all([one.signHead, other.signHead, one.signHead], { concurrency: "unbounded" })
        }
        const heads = yield* store.heads(0, 100)
        heads.forEach(({ number }, i) => assert.strictEqual(number, i + 1))
        assert.strictEqual(heads.at(-1)!.size, 150)
        assert.isTrue(heads.every(({ size }, i) => i === 0 || size > heads[i - 1]!.size))
      }))
    ))

  it("D2 are refused when the tree does not continue an earlier one, and it is said which", () =>
    inMemory((store, events) =>
      Effect.scoped(Effect.gen(function*() {
        yield* pour(5)
        yield* Effect.scoped(Effect.flatMap(start(store, events), (log) => log.signHead))
        const refusal = (store: Store) =>
          Effect.scoped(Effect.gen(function*() {
            const log = yield* start(store, events)
            const refused = Either.getOrThrow(Either.flip(yield* Effect.either(log.signHead)))
            return refused instanceof AuditLog.TreeDisagrees ? refused.message : assert.fail(String(refused))
          }))
        const fresh = yield* Effect.map(Layer.build(AuditStore.layerMemory), Context.get(AuditStore))
        assert.match(yield* refusal(fresh), /head \d in .*audit.head is of another log/, "another log's database")
        const forgetful: Store = { ...fresh, id: store.id }
        assert.match(yield* refusal(forgetful), /head \d was issued, but the newest kept one is none/)
        const [newest] = yield* store.heads((yield* store.newestHead)!.number - 1, 1)
        const root = Buffer.alloc(32, 1)
        const forged = {
          ...newest!,
          note: Checkpoint.signed({ origin: `vivim/log/${store.id}`, size: 5, root }, exampleKey)
        }
        assert.match(yield* refusal({ ...store, newestHead: Effect.succeed(forged) }), /does not continue head \d/)
        const mallory = { ...newest!, note: newest!.note.replace(`\n5\n`, `\n4\n`) }
        assert.match(yield* refusal({ ...store, newestHead: Effect.succeed(mallory) }), /not signed by this node's key/)
      }))
    ))

  for (const step of ["before it is kept", "after it is kept", "in its file"] as const) {
    it(`D3 a fault ${step} is no hindrance to the next one`, () =>
      inMemory((store, events) =>
        Effect.gen(function*() {
          yield* pour(3)
          yield* Effect.scoped(Effect.flatMap(start(store, events), (log) => log.signHead))
          yield* pour(4)
          const killed = new AuditStoreError({ doing: "keep a head", cause: "killed" })
          const faulty: Store = {
            ...store,
            keepHead: (head) =>
              step === "before it is kept"
                ? Effect.fail(killed)
                : Effect.zipRight(
                  store.keepHead(head),
                  step === "in its file" ? Effect.succeed(true) : Effect.fail(killed)
                )
          }
          const elsewhere = path.join(path.dirname(headFile), "gone", "audit.head")
          yield* Effect.scoped(Effect.gen(function*() {
            const log = yield* start(faulty, events, step === "in its file" ? { headFile: elsewhere } : {})
            assert.isTrue(Either.isLeft(yield* Effect.either(log.signHead)))
          }))
          yield* pour(2)
          yield* Effect.scoped(Effect.gen(function*() {
            const log = yield* start(store, events)
            const head = yield* log.signHead
            assert.strictEqual(head.size, 9)
            const heads = yield* store.heads(0, 100)
            for (const [i, to] of heads.entries()) {
              const from = heads[Math.max(0, i - 1)]!
              const proof = yield* TreeProof.consistency(store.tiles, from.size, to.size)
              assert.isTrue(verifyConsistency(checkpoint(log, from.note), checkpoint(log, to.note), proof))
            }
            assert.strictEqual((yield* HeadFile.read(headFile))!.number, head.number)
          }))
        })
      ))
  }

  it("D4 are signed at an interval while the log grows, and all are kept", () =>
    inMemory((store, events) =>
      Effect.scoped(Effect.gen(function*() {
        yield* start(store, events, { headEvery: "10 millis" })
        for (const size of [3, 6, 9]) {
          yield* pour(3)
          yield* Effect.repeat(Effect.delay(store.newestHead, 5), { until: (head) => head?.size === size })
        }
        const sizes = (yield* store.heads(0, 100)).map(({ size }) => size)
        assert.includeMembers(sizes, [3, 6, 9])
        assert.lengthOf(new Set(sizes), sizes.length, "none twice while nothing happens")
      }))
    ))

  it("D5 prove every event and every earlier head", () =>
    inMemory((store, events) =>
      Effect.scoped(Effect.gen(function*() {
        const log = yield* start(store, events)
        yield* pour(20)
        const first = yield* log.signHead
        yield* pour(280)
        const head = checkpoint(log, (yield* log.signHead).note)
        const grew = yield* TreeProof.consistency(store.tiles, first.size, head.size)
        assert.isTrue(verifyConsistency(checkpoint(log, first.note), head, grew))
        for (const { hash, position } of yield* Stream.runCollect(events.readAll(0))) {
          const proof = yield* TreeProof.inclusion(store.tiles, position - 1, head.size)
          assert.isTrue(verifyInclusion(leafHash(hash), position - 1, head.size, proof, head.root))
        }
      }))
    ))
})

describe("the growing tree", () => {
  it("G1 goes on wherever it was left, and two who grow it make one tree", () =>
    inMemory((store, events) =>
      Effect.gen(function*() {
        for (let round = 0; round < 4; round++) {
          yield* Effect.scoped(Effect.gen(function*() {
            const logs = [yield* start(store, events), yield* start(store, events)]
            yield* pour(90)
            for (const log of logs) assert.isNull(yield* log.reaches(yield* events.head))
          }))
        }
        assert.strictEqual(yield* store.size, 360)
        const root = yield* TreeProof.rootAt(store.tiles, 360)
        const fresh = yield* Effect.scoped(Effect.gen(function*() {
          const anew = Context.get(yield* Layer.build(AuditStore.layerMemory), AuditStore)
          const log = yield* start(anew, events, { headFile: `${headFile}.2` })
          return (yield* log.signHead).root
        }))
        assert.strictEqual(Buffer.compare(root, fresh), 0)
      })
    ))

  it("G2 keeps together what comes together, and no append waits for it", () =>
    inMemory((store, events) =>
      Effect.scoped(Effect.gen(function*() {
        let grown = 0
        const slow: Store = {
          ...store,
          grow: (from, to, tiles) =>
            Effect.delay(Effect.tap(store.grow(from, to, tiles), () => Effect.sync(() => void grown++)), 50)
        }
        const log = yield* start(slow, events)
        yield* pour(500)
        assert.isBelow(yield* store.size, 500, "the appends were answered before the tree took them in")
        yield* log.reaches(500)
        assert.isAtMost(grown, 20)
      }))
    ))

  it("G3 stands still where the log was cut off or exchanged, and says where", () =>
    inMemory((store, events) =>
      Effect.gen(function*() {
        yield* pour(10)
        yield* Effect.scoped(Effect.flatMap(start(store, events), (log) => log.signHead))
        const trouble = (events: Events) =>
          Effect.scoped(Effect.flatMap(start(store, events), (log) => log.reaches(11)))
        assert.match((yield* trouble({ ...events, head: Effect.succeed(8) }))!, /ends at 8, but 10 .* cut off/)
        const exchanged: Events = {
          ...events,
          readAll: (after, options) =>
            Stream.map(
              events.readAll(after, options),
              (event) => event.position === 7 ? { ...event, hash: Buffer.alloc(32) } : event
            )
        }
        assert.match((yield* trouble(exchanged))!, /position 7 is not the one/)
        const skipping: Events = {
          ...events,
          follow: () =>
            Stream.concat(
              Stream.fromEffect(
                Effect.map(Stream.runCollect(events.readAll(9)), ([one]) => [{ ...one!, position: 12 }])
              ),
              Stream.never
            )
        }
        assert.match((yield* trouble(skipping))!, /position 11 is missing: the log goes on at 12/)
      })
    ))

  it("G4 waits for a database that is away", () =>
    inMemory((store, events) =>
      Effect.scoped(Effect.gen(function*() {
        let away = 3
        const flaky: Store = {
          ...store,
          grow: (from, to, tiles) =>
            Effect.suspend(() =>
              away-- > 0
                ? Effect.fail(new AuditStoreError({ doing: "grow", cause: "away" }))
                : store.grow(from, to, tiles)
            )
        }
        const log = yield* start(flaky, events)
        yield* pour(5)
        assert.isNull(yield* log.reaches(5))
        assert.strictEqual(yield* store.size, 5)
      }))
    ))
})
