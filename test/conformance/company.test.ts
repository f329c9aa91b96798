/** What several processes of one node share on a real PostgreSQL: views, keys, places, the files of imports. */
import * as SqlClient from "@effect/sql/SqlClient"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import { Siblings } from "@vivim/event-store/Siblings"
import { Homes } from "@vivim/import/Homes"
import * as SqlHomes from "@vivim/import/SqlHomes"
import * as KeyMark from "@vivim/node/KeyMark"
import * as OneOrSeveral from "@vivim/node/OneOrSeveral"
import * as ProcessPlace from "@vivim/node/ProcessPlace"
import type { Compared } from "@vivim/projection/View"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { Store } from "./Events.ts"
import { assertRight, pots, tea } from "./Pots.ts"
import { noServer, serverPostgres, temporaryFolder, type TestServer } from "./ServerPostgres.ts"
import { connected, siblings } from "./SiblingsOnServer.ts"
import { eventually, type Node, type ViewWorld, world } from "./ViewWorld.ts"

const quiet = Logger.minimumLogLevel(LogLevel.None)

describe.skipIf(noServer !== null)("several processes on one database", () => {
  const scope = Effect.runSync(Scope.make())
  let server: TestServer
  beforeAll(() =>
    serverPostgres.pipe(
      Effect.map((started) => void (server = started)),
      Scope.extend(scope),
      Effect.runPromise
    )
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const run = <A, E>(work: Effect.Effect<A, E, Scope.Scope>) =>
    Effect.runPromise(work.pipe(Effect.scoped, Effect.provide(quiet)))

  /** Two processes that keep one view, of some version each. */
  const two = Effect.fnUntraced(function*(first = 1, second = 1) {
    const url = yield* server.newDatabase
    const all: ViewWorld = yield* world(yield* connected(url))
    const start = (version: number, seen: Store = all.log) =>
      Effect.gen(function*() {
        const sql = yield* connected(url)
        const beside = yield* siblings(sql)
        // Acquired in the open: what is started while nothing may be interrupted could never be killed.
        const node: Node = yield* all.start([Effect.provideService(pots({ version }), Siblings, beside)], seen)
        yield* Effect.addFinalizer(() => node.kill)
        return node
      })
    return { all, start, nodes: [yield* start(first), yield* start(second)] as const }
  })

  const upToDate = (all: ViewWorld, nodes: ReadonlyArray<Node>) =>
    Effect.flatMap(all.log.head, (head) => Effect.forEach(nodes, ({ views }) => views.waitFor(head)))

  it("R3 every fact is in the rows once, and each process wakes its own watchers", () =>
    run(Effect.gen(function*() {
      const { all, nodes } = yield* two()
      const woken = [0, 0]
      nodes.forEach(({ reactivity }, n) => reactivity.unsafeRegister(["tea/d1"], () => woken[n]!++))
      for (let round = 0; round < 10; round++) {
        const before = [...woken]
        yield* tea(all, 21)
        yield* upToDate(all, nodes)
        woken.forEach((times, n) => assert.isAbove(times, before[n]!, `process ${n} in round ${round}`))
      }
      yield* assertRight(all)
      yield* nodes[0].kill
      yield* tea(all, 40)
      yield* upToDate(all, [nodes[1]])
      yield* assertRight(all)
    })))

  it("R3 an older build puts nothing in the place of a newer one's rows", () =>
    run(Effect.gen(function*() {
      const { all, nodes: [old, newer] } = yield* two(1, 2)
      yield* tea(all, 30)
      yield* upToDate(all, [newer])
      yield* all.fill("d1")
      const [status] = yield* eventually(old.views.status, ([view]) => view!.state === "waiting")
      assert.strictEqual(status!.version, 1)
      yield* upToDate(all, [newer])
      const rows = yield* all.sql<{ n: number }>`SELECT DISTINCT made_by AS n FROM registry.pot`
      assert.deepStrictEqual(rows.map(({ n }) => n), [2])
    })), 60_000)

  /** A log after each reading of which another process has written more and brought what serves beyond it, if it is let. */
  const outrun = (all: ViewWorld, other: Node) => {
    const rounds = { read: 0 }
    const write = Effect.gen(function*() {
      rounds.read++
      const position = yield* all.pour("d1")
      // Held up it is held up: that is the point.
      yield* Effect.timeoutOption(other.views.waitFor(position), "500 millis")
    }).pipe(Effect.orDie)
    const readAll: Store["readAll"] = (after, options) =>
      Stream.concat(all.log.readAll(after, options), Stream.execute(write))
    return { rounds, seen: { ...all.log, readAll } satisfies Store }
  }
  /** More rounds than that, and it goes on for ever. */
  const bounded = <A, E>(rounds: { readonly read: number }, work: Effect.Effect<A, E>) =>
    Effect.raceFirst(
      work,
      Effect.flatMap(
        eventually(Effect.sync(() => rounds.read), (read) => read > 40),
        () => Effect.dieMessage("it does not end while the other process writes")
      )
    )

  it(
    "R4 a view is built anew, and compared, beside a process that never stops writing",
    () =>
      run(Effect.gen(function*() {
        const { all, nodes: [writer, other], start } = yield* two()
        yield* tea(all, 30)
        yield* upToDate(all, [writer, other])
        yield* other.kill
        const { rounds, seen } = outrun(all, writer)
        const node = yield* start(1, seen)
        const rebuilt = yield* bounded(rounds, node.views.rebuild("pots", () => Effect.void)!)
        assert.isAbove(rebuilt.position, 30, "what was written meanwhile is in")
        yield* upToDate(all, [writer, node])
        yield* assertRight(all)
        rounds.read = 0
        const [compared]: ReadonlyArray<Compared> = yield* bounded(rounds, node.views.compare(() => Effect.void))
        assert.deepStrictEqual(compared!.differences, [])
        assert.isAbove(compared!.rows, 0)
        yield* upToDate(all, [writer, node])
        yield* assertRight(all)
      })),
    60_000
  )

  const starting = (sql: SqlClient.SqlClient, byte: number) =>
    Effect.either(Layer.build(KeyMark.layer({ nodeKey: `/keys/${byte}` }))).pipe(
      Effect.provideService(PayloadCipher, fromMasterKey(new Uint8Array(32).fill(byte))),
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.provide(EventStore.layerMemory)
    )

  it("Y2 of several processes with keys of their own that begin at once, one does", () =>
    run(Effect.gen(function*() {
      const sql = yield* connected(yield* server.newDatabase)
      const begun = yield* Effect.forEach([1, 2, 3], (byte) => starting(sql, byte), { concurrency: "unbounded" })
      assert.strictEqual(begun.filter(Either.isRight).length, 1)
      const right = 1 + begun.findIndex(Either.isRight)
      assert.isTrue(Either.isRight(yield* starting(sql, right)))
    })))

  it("Y1 a key that is not the one of the database is refused, by its name", () =>
    run(Effect.gen(function*() {
      const sql = yield* connected(yield* server.newDatabase)
      assert.isTrue(Either.isRight(yield* starting(sql, 7)))
      const found = yield* starting(sql, 8)
      assert.include(
        Either.isLeft(found) ? (found.left as Error).message : "started",
        "/keys/8 is not the one this database was written with"
      )
    })))

  /** A data folder, and a process that takes it for as long as a scope. */
  const place = Effect.gen(function*() {
    const url = yield* server.newDatabase
    const root = yield* temporaryFolder
    const at = { root, processId: path.join(root, "process.id") }
    return (into: Scope.Scope) =>
      Effect.gen(function*() {
        const beside = yield* siblings(yield* connected(url))
        const built = yield* Effect.provideService(Layer.build(ProcessPlace.layer(at, false)), Siblings, beside)
        return Context.get(built, ProcessPlace.ProcessPlace).id
      }).pipe(Scope.extend(into), Effect.either)
  })

  it("Z1 a data folder gives the same id at every start, and another than others give", () =>
    run(Effect.gen(function*() {
      const [take, elsewhere] = [yield* place, yield* place]
      const once = (from: typeof take) => Effect.scoped(Effect.flatMap(Effect.scope, from))
      const first = yield* once(take)
      assert.isTrue(Either.isRight(first))
      assert.deepStrictEqual(yield* once(take), first)
      assert.notDeepEqual(yield* once(elsewhere), first)
    })))

  it("Z2 a data folder is one process's at a time, and free when that has ended", () =>
    run(Effect.gen(function*() {
      const take = yield* place
      const [first, second, third] = [yield* Scope.make(), yield* Scope.make(), yield* Scope.make()]
      assert.isTrue(Either.isRight(yield* take(first)))
      const refused = yield* take(second)
      assert.include(Either.isLeft(refused) ? String(refused.left) : "taken", "PlaceTaken")
      yield* Scope.close(second, Exit.void)
      yield* Scope.close(first, Exit.void)
      assert.isTrue(Either.isRight(yield* take(third)))
      yield* Scope.close(third, Exit.void)
    })), 60_000)

  /** A database where a process of one kind was heard of so many seconds ago. */
  const heard = (table: string, secondsAgo: number) =>
    Effect.gen(function*() {
      const sql = yield* connected(yield* server.newDatabase)
      yield* sql`CREATE TABLE ${sql(table)} (last_heartbeat timestamp NOT NULL)`
      const speak = sql`INSERT INTO ${sql(table)} VALUES (now() - make_interval(secs => ${secondsAgo}))`
      yield* speak
      const start = (isAlone: boolean) =>
        Effect.provideService(Effect.either(OneOrSeveral.check(isAlone, "1 second")), SqlClient.SqlClient, sql)
      return { speak, start }
    })

  it("O1 a node that would be alone does not start beside several, and says so", () =>
    run(Effect.gen(function*() {
      const { speak, start } = yield* heard("vivim_runners", 0)
      assert.isTrue(Either.isRight(yield* start(false)), "one more of several")
      yield* Effect.fork(Effect.forever(Effect.delay(speak, 200)))
      const found = yield* start(true)
      assert.include(Either.isLeft(found) ? found.left.message : "started", "give this one a VIVIM_CLUSTER_ADDRESS too")
    })), 60_000)

  it(
    "O2 what was killed is waited for as long as it could be at work, and no longer",
    () =>
      run(Effect.gen(function*() {
        const killed = yield* heard("vivim_runners", 0)
        assert.isTrue(Either.isRight(yield* killed.start(true)))
        const lone = yield* heard("cluster_runners", 24)
        assert.isTrue(Either.isRight(yield* lone.start(false)))
      })),
    60_000
  )

  it("B4 an import is at home where its file is, and is stopped from elsewhere", () =>
    run(Effect.gen(function*() {
      const sql = yield* connected(yield* server.newDatabase)
      const process = (name: string) =>
        Effect.map(
          Layer.build(Layer.provide(SqlHomes.layer(name), Layer.succeed(SqlClient.SqlClient, sql))),
          (context) => (context as Context.Context<any>).unsafeMap.get(Homes.key) as Context.Tag.Service<Homes>
        )
      const [a, b] = [yield* process("a"), yield* process("b")]
      yield* a.settle("one")
      assert.deepStrictEqual([yield* a.isElsewhere("one"), yield* b.isElsewhere("one")], [false, true])
      const hearing = yield* Effect.fork(a.stopped("one"))
      assert.isFalse(yield* a.stopElsewhere("one"), "it is not elsewhere")
      assert.isFalse(yield* b.stopElsewhere("two"), "nobody has it")
      assert.isTrue(yield* b.stopElsewhere("one"))
      yield* Fiber.join(hearing)
      yield* a.leave("one")
      assert.isFalse(yield* b.isElsewhere("one"))
      // One that has not been seen for a day is waited for no longer.
      yield* a.settle("three")
      yield* sql`UPDATE import_process SET seen_at = now() - interval '25 hours' WHERE process = 'a'`
      assert.isFalse(yield* b.isElsewhere("three"))
    })))
})
