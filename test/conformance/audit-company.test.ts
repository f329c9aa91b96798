/** The audit of several processes on one log: one grows its tree, each signs and proves, and the next one goes on when that is gone. */
import * as AuditLog from "@vivim/audit/AuditLog"
import { fromSeed } from "@vivim/crypto/SigningKey"
import { EventStore } from "@vivim/event-store/EventStore"
import { Siblings } from "@vivim/event-store/Siblings"
import { audit } from "@vivim/node/Audit"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { onServer as storeOn, reportOf } from "./AuditWorld.ts"
import { events, type Store } from "./Events.ts"
import { noServer, temporaryFolder } from "./ServerPostgres.ts"
import { connected, siblings } from "./SiblingsOnServer.ts"
import { onServer, open, type Url } from "./StoresOnServer.ts"
import { eventually } from "./ViewWorld.ts"

/** One of several processes; `follows` says how often it began to follow the log, which is what growing the tree takes. */
const one = (url: Url, change: (store: Store) => Store = (store) => store) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    return yield* Scope.extend(
      Effect.gen(function*() {
        const store = change(yield* open(url))
        const counted = { follows: 0 }
        const seen: Store = {
          ...store,
          follow: (after, options) => {
            counted.follows++
            return store.follow(after, options)
          }
        }
        const others = yield* siblings(yield* connected(url))
        const folder = yield* temporaryFolder
        const options = {
          key: fromSeed(Buffer.alloc(32, 5)),
          headFile: path.join(folder, "head"),
          headEvery: "1 day"
        } as const
        const log = yield* Layer.build(Layer.provide(
          AuditLog.layer(options),
          Layer.mergeAll(Layer.succeed(EventStore, seen), storeOn(url), Logger.minimumLogLevel(LogLevel.None))
        )).pipe(Effect.provideService(Siblings, others))
        return { store, counted, log: Context.get(log, AuditLog.AuditLog), end: Scope.close(scope, Exit.void) }
      }),
      scope
    )
  })

const append = (store: Store, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => n),
    (n) => store.append(`tea/${n}`, "any", events(3)),
    { concurrency: 16, discard: true }
  )

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the audit of several processes", () => {
  const test = onServer()

  test(
    "G5 D4 is kept by one of them; the others follow nothing, sign what the log says, and take over",
    (url) =>
      Effect.gen(function*() {
        const first = yield* one(url)
        yield* append(first.store, 20)
        assert.strictEqual((yield* first.log.signHead).size, 60)
        const second = yield* one(url)
        yield* append(second.store, 200)
        assert.isNull(yield* second.log.reaches(660), "the first one grew it")
        assert.strictEqual((yield* second.log.signHead).size, 660)
        assert.deepStrictEqual([first.counted.follows, second.counted.follows], [1, 0])
        yield* first.end
        yield* append(second.store, 10)
        assert.isNull(yield* second.log.reaches(690))
        assert.strictEqual(second.counted.follows, 1)
        assert.strictEqual((yield* second.log.signHead).size, 690)
        const report = yield* reportOf(second, audit)
        assert.isTrue(report.sound, report.firstBad?.problem)
      }),
    60_000
  )

  test(
    "G5 D2 what was kept of the log and is not what it says is signed by none of them",
    (url) =>
      Effect.gen(function*() {
        const first = yield* one(url)
        yield* append(first.store, 20)
        yield* first.log.signHead
        const exchanged = (store: Store): Store => ({
          ...store,
          readAll: (after, options) =>
            Stream.map(
              store.readAll(after, options),
              (event) => event.position === 63 ? { ...event, hash: Buffer.alloc(32) } : event
            )
        })
        const second = yield* one(url, exchanged)
        yield* append(second.store, 2)
        const refused = yield* Effect.flip(second.log.signHead)
        assert.include(refused.message, "the kept tree of 66 leaves is not the one that was grown")
        // The one that could sign is gone, and what the other finds is told.
        yield* first.end
        const trouble = yield* eventually(second.log.trouble, (trouble) => trouble !== null)
        assert.include(trouble, "position 63 is not the one")
      }),
    60_000
  )
})
