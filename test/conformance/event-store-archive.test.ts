/** Archived ranges of a log on a PostgreSQL server: what leaves the table, what is read across it, and what is damaged or cut off. */
import { isIntact } from "@vivim/event-store/EventHash"
import * as PostgresArchive from "@vivim/event-store/PostgresArchive"
import { SegmentReader } from "@vivim/event-store/SegmentReader"
import { SegmentStore } from "@vivim/event-store/SegmentStore"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import { assert, describe } from "vitest"
import { archiving, fill, markers, plain, rows, world } from "./ArchivedStores.ts"
import { all, event, events, firstOf } from "./Events.ts"
import { run } from "./Law.ts"
import { noServer } from "./ServerPostgres.ts"
import { onServer, open, operator } from "./StoresOnServer.ts"

const quiet = () => Effect.void

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("an archived log on PostgreSQL", () => {
  const test = onServer()

  test("W3 what left the table lies in segments, and comes back as the rows it was, and their files are gone", (url) =>
    Effect.gen(function*() {
      const { folder, ground, store } = yield* world(url)
      yield* fill(store, 103)
      const session = yield* operator(url)
      const before = yield* session.ask({ text: rows })
      const made = yield* PostgresArchive.archive(ground, archiving())
      assert.deepStrictEqual(
        made.map(({ first, last }) => [first, last]),
        run(0, 24).map((n) => [n * 4 + 1, n * 4 + 4])
      )
      assert.deepStrictEqual(yield* session.ask({ text: markers }), [[100, 0]])
      assert.deepStrictEqual(fs.readdirSync(folder).toSorted(), made.map(({ name }) => name))
      assert.deepStrictEqual(yield* PostgresArchive.archive(ground, archiving()), [])
      const found = yield* PostgresArchive.list(ground)
      assert.deepStrictEqual(found.map(({ trouble }) => trouble), run(1, 25).map(() => null))
      for (const { first } of found.toReversed()) yield* PostgresArchive.restore(ground, first, quiet)
      assert.deepStrictEqual(yield* session.ask({ text: rows }), before)
      assert.deepStrictEqual(fs.readdirSync(folder), [])
      assert.deepStrictEqual(yield* PostgresArchive.list(ground), [])
      const none = yield* Effect.flip(PostgresArchive.restore(ground, 1, quiet))
      assert.match(none.message, /no archived segment begins with position 1/)
    }))

  test("W1 nothing leaves the table that the witness does not vouch for", (url) =>
    Effect.gen(function*() {
      const { folder, ground, store } = yield* world(url)
      yield* fill(store, 20)
      const log = yield* all(store.readAll(0))
      const seen: Array<number> = []
      const vouch: PostgresArchive.Archiving["vouch"] = (first, hashes) => {
        seen.push(first)
        assert.deepStrictEqual(
          hashes.map((hash) => [...hash]),
          log.slice(first - 1, first + 3).map(({ hash }) => [...hash])
        )
        return first < 9 ? Effect.void : new PostgresArchive.ArchiveRefused({ message: "not signed so far" })
      }
      const refused = yield* Effect.flip(PostgresArchive.archive(ground, archiving({ vouch })))
      assert.match(refused.message, /not signed so far/)
      assert.deepStrictEqual(seen, [1, 5, 9])
      const session = yield* operator(url)
      assert.strictEqual((yield* session.ask({ text: markers }))[0]![0], 8)
      assert.lengthOf(fs.readdirSync(folder), 2)
      assert.deepStrictEqual(plain(yield* all(store.readAll(0))), plain(log))
    }))

  test("W1 a row that was altered, or alters while it is written out, stays where it is", (url) =>
    Effect.gen(function*() {
      const { ground, store } = yield* world(url)
      yield* fill(store, 12)
      const session = yield* operator(url)
      const alter = (text: string) =>
        session.ask({
          text: `alter table event disable trigger event_guard; ${text}; alter table event enable trigger event_guard`
        })
      // While the witness is asked, somebody is at the table.
      const vouch = () => Effect.orDie(alter("update event set hash = previous_hash where position = 2"))
      const moved = yield* Effect.flip(
        PostgresArchive.archive(ground, archiving({ vouch: () => Effect.asVoid(vouch()) }))
      )
      assert.match(moved.message, /the events 1 to 4 in the table are not those that were read/)
      const wrong = yield* Effect.flip(PostgresArchive.archive(ground, archiving()))
      assert.match(wrong.message, /position 2 cannot be read/)
      assert.deepStrictEqual((yield* session.ask({ text: markers }))[0]![0], 0)
      assert.deepStrictEqual(yield* session.ask({ text: "select * from event_segment" }), [])
    }))

  test("V1 reads of all kinds go across archived ranges, and an archived event's repeat answers its place", (url) =>
    Effect.gen(function*() {
      const { ground, store } = yield* world(url)
      yield* fill(store, 130)
      const log = yield* all(store.readAll(0))
      yield* PostgresArchive.archive(ground, archiving({ bound: { position: 90 } }))
      yield* PostgresArchive.restore(ground, 33, quiet)
      // One that has never seen the catalogue, with pages that end anywhere.
      const small = yield* open(url, { segments: ground.segments, page: { eventsMax: 7, bytesMax: 60_000 } })
      for (const reader of [store, small]) {
        assert.deepStrictEqual(plain(yield* all(reader.readAll(0))), plain(log))
        assert.deepStrictEqual(plain(yield* all(reader.readAll(80, { upTo: 99 }))), plain(log.slice(80, 99)))
        for (const stream of ["tea/0", "tea/3"]) {
          const its = log.filter((event) => event.stream === stream)
          assert.deepStrictEqual(plain(yield* all(reader.read(stream))), plain(its))
          assert.deepStrictEqual(plain(yield* all(reader.read(stream, 5))), plain(its.slice(5)))
          assert.strictEqual((yield* reader.streamHead(stream))!.version, its.length)
        }
        for (
          const filter of [{ owner: "did:key:zBo" }, { types: ["tea.Drunk"] }, {
            category: "tea",
            since: 20,
            until: 95
          }]
        ) {
          const wanted = log.filter(({ at, owner, type }) =>
            "owner" in filter ? owner === filter.owner : "types" in filter ? type === "tea.Drunk" : at >= 20 && at <= 95
          )
          assert.deepStrictEqual(plain(yield* all(reader.readAll(0, { filter }))), plain(wanted))
        }
        assert.deepStrictEqual(plain(yield* firstOf(130, reader.follow(0))), plain(log))
        assert.deepStrictEqual(plain([(yield* reader.find(log[4]!.id))!]), plain([log[4]!]))
      }
      const old = log[1]!
      const again = yield* store.append(old.stream, old.version - 1, [old])
      assert.deepInclude(again, { duplicate: true, firstPosition: 2, lastVersion: old.version })
      assert.deepStrictEqual([...again.hash], [...old.hash])
      const taken = yield* Effect.flip(store.append("tea/other", "any", [event({ id: old.id })]))
      assert.deepInclude(taken, { _tag: "EventIdTaken", stream: old.stream })
      const next = yield* store.append("tea/0", "exists", events(1))
      assert.strictEqual(next.firstPosition, 131)
      assert.isTrue((yield* all(store.readAll(0))).every(isIntact))
    }))

  test("V1 a page of archived events is bounded by what they carry", (url) =>
    Effect.gen(function*() {
      const { ground, store } = yield* world(url)
      for (let n = 0; n < 4; n++) {
        yield* store.append("tea/large", n * 4, events(4, { private: new Uint8Array(100_000).fill(n) }))
      }
      yield* PostgresArchive.archive(ground, archiving())
      const small = yield* open(url, { segments: ground.segments, page: { eventsMax: 1_000, bytesMax: 250_000 } })
      for (const stream of [small.readAll(0), small.read("tea/large")]) {
        const pages = yield* all(Stream.chunks(stream))
        assert.deepStrictEqual(
          pages.map(({ length }) => length).filter((length) => length > 0),
          [3, 3, 3, 3, 3, 1]
        )
      }
    }))

  test("V3 reads and appends go on while ranges are archived and restored under them", (url) =>
    Effect.gen(function*() {
      const { ground, store } = yield* world(url)
      yield* fill(store, 64)
      const log = plain(yield* all(store.readAll(0)))
      const limits = { eventsMax: 16, bytesMax: 1 << 20 }
      const work = Effect.gen(function*() {
        yield* PostgresArchive.archive(ground, archiving({ bound: { position: 65 }, limits }))
        for (const first of [1, 17, 33, 49]) yield* PostgresArchive.restore(ground, first, quiet)
      })
      const working = yield* Effect.fork(Effect.repeatN(work, 3))
      let reads = 0
      while ((yield* Fiber.poll(working))._tag === "None") {
        assert.deepStrictEqual(plain(yield* all(store.readAll(0, { upTo: 64 }))), log)
        yield* store.append("tea/other", "any", events(1))
        reads++
      }
      yield* Fiber.join(working)
      assert.isAbove(reads, 3)
    }), 120_000)

  test("W4 two never archive at once: the second is told", (url) =>
    Effect.gen(function*() {
      const { ground, store } = yield* world(url)
      yield* fill(store, 8)
      const asked = yield* Effect.makeLatch(false)
      const free = yield* Effect.makeLatch(false)
      const vouch = () => Effect.zipRight(asked.open, free.await)
      const working = yield* Effect.fork(PostgresArchive.archive(ground, archiving({ vouch })))
      yield* asked.await
      const others = [PostgresArchive.archive(ground, archiving()), PostgresArchive.restore(ground, 1, quiet)]
      for (const second of others as ReadonlyArray<Effect.Effect<unknown, PostgresArchive.ArchiveError>>) {
        assert.match((yield* Effect.flip(second)).message, /being worked on already/)
      }
      yield* store.append("tea/0", "any", events(1))
      yield* free.open
      assert.lengthOf(yield* Fiber.join(working), 2)
      assert.lengthOf(yield* all(store.readAll(0)), 9)
    }))

  test("V4 only the last blocks that were read are kept", (url) =>
    Effect.gen(function*() {
      const { ground, store } = yield* world(url)
      yield* fill(store, 64)
      const [segment] = yield* PostgresArchive.archive(
        ground,
        archiving({ limits: { eventsMax: 64, bytesMax: 1 << 20 } })
      )
      let ranges = 0
      const counted = SegmentStore.of({
        ...ground.segments,
        range: (...given) => Effect.zipRight(Effect.sync(() => ranges++), ground.segments.range(...given))
      })
      const held = { ...segment!, archivedAt: 0 }
      const generous = new SegmentReader(counted, 1 << 20)
      const first = yield* generous.block(held, 1)
      for (let n = 0; n < 5; n++) assert.strictEqual(yield* generous.block(held, 2), first)
      assert.strictEqual(ranges, 2)
      const mean = new SegmentReader(counted, 10)
      for (let n = 0; n < 3; n++) yield* mean.block(held, 1)
      assert.strictEqual(ranges, 2 + 1 + 3)
      // Who reads all of the log neither takes from memory nor puts anything there.
      for (let n = 0; n < 2; n++) assert.notStrictEqual(yield* generous.block(held, 1, true), first)
      assert.strictEqual(yield* generous.block(held, 1), first)
      assert.strictEqual(ranges, 2 + 1 + 3 + 2)
    }))
})
