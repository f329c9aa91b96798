/** The event store while its database is killed, restarted and cut off: nothing acknowledged is lost, nothing lies there twice. */
import { isIntact } from "@vivim/event-store/EventHash"
import { type Appended, EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as net from "node:net"
import { assert, describe, it } from "vitest"
import { all, event, type Store } from "./Events.ts"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"

const kills = 5
const writers = 24

/** Whatever comes while a round is under way goes out behind it, so that kills meet two of them. */
const open = (url: Redacted.Redacted<string>): Effect.Effect<Store, unknown, Scope.Scope> =>
  Effect.map(
    Layer.build(PostgresEventStore.layer({ url, awayMsMax: 500, pipeline: { pieceMin: 1 } })),
    Context.get(EventStore)
  )

interface Load {
  readonly acknowledged: Array<Appended & { readonly id: string }>
  retries: number
  duplicates: number
  stopped: boolean
}

/** Appends to a few streams of its own, with exact versions; what failed is tried again with the same ids until it is answered. */
const write = (store: Store, load: Load, writer: number) =>
  Effect.gen(function*() {
    const versions = new Map<string, number>()
    for (let n = 0; !load.stopped; n++) {
      const stream = `tea/${writer}-${n % 3}`
      const its = n % 5 === 0 ? [event(), event()] as const : [event()] as const
      const appended = yield* store.append(stream, versions.get(stream) ?? 0, its).pipe(
        Effect.tapError(() => Effect.sync(() => load.retries++)),
        Effect.retry({ while: ({ _tag }) => _tag === "EventStoreError" || _tag === "Overloaded" })
      )
      if (appended.duplicate) load.duplicates++
      versions.set(stream, appended.lastVersion)
      its.forEach(({ id }, i) =>
        load.acknowledged.push({
          ...appended,
          id,
          firstVersion: appended.firstVersion + i,
          firstPosition: appended.firstPosition + i
        })
      )
    }
  })

/** Every acknowledged event lies where it was said to lie, once, in a log without a gap, in streams whose chains hold. */
const verify = (store: Store, load: Load) =>
  Effect.gen(function*() {
    const log = yield* all(store.readAll(0))
    const byId = new Map(log.map((event) => [event.id, event]))
    assert.strictEqual(byId.size, log.length, "duplicates")
    assert.deepStrictEqual(log.findIndex(({ position }, i) => position !== i + 1), -1, "gaps")
    const lost = load.acknowledged.filter(({ firstPosition, firstVersion, id, stream }) => {
      const event = byId.get(id)
      return event?.position !== firstPosition || event.version !== firstVersion || event.stream !== stream
    })
    assert.deepStrictEqual(lost, [], "acknowledged but lost")
    const heads = new Map<string, { readonly version: number; readonly hash: Uint8Array }>()
    for (const event of log) {
      const before = heads.get(event.stream) ?? { version: 0, hash: new Uint8Array(32) }
      assert.strictEqual(event.version, before.version + 1)
      assert.deepStrictEqual(Buffer.compare(event.previousHash, before.hash), 0)
      assert.isTrue(isIntact(event))
      heads.set(event.stream, event)
    }
    return log.length
  })

const eventually = <A, E>(what: Effect.Effect<A, E>) => Effect.retry(Effect.delay(what, 20), { times: 500 })

/** Writers and a follower at work while `harm` is done to the server; then all is counted. */
const underLoad = (harm: (server: TestServer, load: Load, store: Store) => Effect.Effect<void, unknown>) =>
  Effect.gen(function*() {
    const server = yield* serverPostgres
    const store = yield* open(yield* server.newDatabase)
    const load: Load = { acknowledged: [], retries: 0, duplicates: 0, stopped: false }
    const seen: Array<number> = []
    yield* Effect.forkScoped(
      Stream.runForEach(
        store.follow(0),
        (batch) => Effect.sync(() => seen.push(...batch.map(({ position }) => position)))
      )
    )
    const writing = yield* Effect.fork(
      Effect.forEach(Array.from({ length: writers }, (_, n) => n), (n) => write(store, load, n), {
        concurrency: "unbounded"
      })
    )
    yield* harm(server, load, store)
    load.stopped = true
    yield* Fiber.join(writing).pipe(Effect.timeout("20 seconds"))
    const length = yield* verify(store, load)
    yield* eventually(Effect.suspend(() => seen.length >= length ? Effect.void : Effect.fail("not yet")))
    assert.deepStrictEqual(seen, Array.from({ length }, (_, i) => i + 1))
    return load
  }).pipe(Effect.scoped)

/** So many more were acknowledged: the store is at work again. */
const progress = (load: Load, count: number) => {
  const until = load.acknowledged.length + count
  return eventually(Effect.suspend(() => load.acknowledged.length >= until ? Effect.void : Effect.fail("not yet")))
}

// Without the system's PostgreSQL programs there is no server to kill.
describe.skipIf(noServer !== null)("the event store under harm", () => {
  it(`loses nothing when the database is killed ${kills} times`, () =>
    Effect.runPromise(Effect.gen(function*() {
      const load = yield* underLoad((server, load, store) =>
        Effect.gen(function*() {
          for (let n = 0; n < kills; n++) {
            yield* progress(load, 100)
            yield* Effect.sleep(17 * n)
            yield* server.kill
            yield* server.start
            yield* progress(load, 50)
            yield* verify(store, { ...load, acknowledged: [...load.acknowledged] })
          }
        })
      )
      assert.isAtLeast(load.retries, kills, "the kills were felt")
    })), 120_000)

  it(
    "loses nothing when the database is stopped in order and started again",
    () =>
      Effect.runPromise(Effect.gen(function*() {
        const load = yield* underLoad((server, load) =>
          Effect.gen(function*() {
            for (let n = 0; n < 2; n++) {
              yield* progress(load, 100)
              yield* server.stop
              yield* Effect.sleep(300)
              yield* server.start
            }
            yield* progress(load, 100)
          })
        )
        assert.isAtLeast(load.retries, 1)
      })),
    60_000
  )

  it("answers the first place when the commit was kept and its answer was lost", () =>
    Effect.runPromise(
      Effect.scoped(Effect.gen(function*() {
        const server = yield* serverPostgres
        const url = yield* server.newDatabase
        const cutter = yield* cutting(Number(new URL(Redacted.value(url)).port))
        const store = yield* open(cutter.through(url))
        let duplicates = 0
        for (let version = 0; version < 40; version++) {
          const its = [event()] as const
          cutter.cutNextAnswer = version % 2 === 1
          const appended = yield* Effect.retry(store.append("tea/1", version, its), { times: 50 })
          if (appended.duplicate) duplicates++
          assert.deepInclude(appended, { firstVersion: version + 1, firstPosition: version + 1 })
        }
        assert.strictEqual(cutter.cuts, 20)
        assert.strictEqual(duplicates, 20)
        assert.strictEqual((yield* all(store.readAll(0))).length, 40)
      }))
    ), 60_000)
})

/** A way to the server on which the next answer can be swallowed, together with the connection. */
const cutting = (port: number) =>
  Effect.acquireRelease(
    Effect.async<
      {
        cutNextAnswer: boolean
        cuts: number
        close: () => void
        through: (url: Redacted.Redacted<string>) => Redacted.Redacted<string>
      }
    >(
      (resume) => {
        const sockets = new Set<net.Socket>()
        const proxy = net.createServer((client) => {
          const upstream = net.connect(port, "127.0.0.1")
          let asksAppend = false
          for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}))
          client.on("data", (data) => {
            // The statement's name travels with every call of it.
            asksAppend ||= data.includes("\0advance\0") || data.includes("\0append\0")
            upstream.write(data)
          })
          upstream.on("data", (data) => {
            // CommandComplete, then ReadyForQuery: the transaction is committed.
            const committed = asksAppend && /(SELECT|COPY) 1\0[^]*Z\0\0\0\x05/.test(data.toString("latin1"))
            if (committed) asksAppend = false
            if (committed && state.cutNextAnswer) {
              state.cutNextAnswer = false
              state.cuts++
              client.destroy()
              upstream.destroy()
            } else client.write(data)
          })
          client.on("close", () => upstream.destroy())
          upstream.on("close", () => client.destroy())
        })
        const state = {
          cutNextAnswer: false,
          cuts: 0,
          close: () => {
            proxy.close()
            for (const socket of sockets) socket.destroy()
          },
          through: (url: Redacted.Redacted<string>) => {
            const address = new URL(Redacted.value(url))
            address.port = String((proxy.address() as net.AddressInfo).port)
            return Redacted.make(address.href)
          }
        }
        proxy.listen(0, "127.0.0.1", () => resume(Effect.succeed(state)))
      }
    ),
    ({ close }) => Effect.sync(close)
  )
