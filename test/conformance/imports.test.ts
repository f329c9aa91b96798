/** The imports of a node: started, cancelled, refused, and found again by the node's next life. */
import * as TestRunner from "@effect/cluster/TestRunner"
import * as Reactivity from "@effect/experimental/Reactivity"
import type * as Actor from "@vivim/actor/Actor"
import * as ActorHost from "@vivim/actor/ActorHost"
import type { ImportReceipt } from "@vivim/contract/ImportReceipt"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import { Did, type ImportId } from "@vivim/event-schemas/ids"
import { Import } from "@vivim/import/Import"
import { defaultImportLimits } from "@vivim/import/ImportLimits"
import * as Imports from "@vivim/import/Imports"
import { isBalanced } from "@vivim/import/Tally"
import { TestBench } from "@vivim/import/TestBench"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { zipSync } from "fflate"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { ada, bytesOf, chunk, grown, type ImportWorld, importWorld } from "./ImportWorld.ts"

const { chat, node, talk } = TestBench

const test = (title: string, holds: (world: ImportWorld) => Generator<any, void, any>) =>
  it(title, () =>
    Effect.runPromise(
      Effect.scoped(Effect.flatMap(importWorld, (world) => Effect.gen(() => holds(world)))).pipe(
        Effect.provide(Logger.minimumLogLevel(LogLevel.None))
      ) as never
    ), 60_000)

/** One life of a node's imports in this world. `die` ends it as a node that stops does. */
const live = (world: ImportWorld) =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const hosts = ActorHost.layers([Import] as unknown as ReadonlyArray<Actor.Any>, {
      idleMax: "1 minute",
      mailboxMax: 64,
      underWayMax: 16,
      snapshotEvery: 1_000
    })
    const ground = Layer.mergeAll(Layer.provideMerge(hosts, TestRunner.layer), Reactivity.layer).pipe(
      Layer.provideMerge(Layer.succeedContext(world.ground))
    )
    const built = yield* Layer.build(
      Layer.provide(
        Imports.layer({
          spool: world.folder,
          limits: defaultImportLimits,
          chunk,
          parallel: 2,
          runningMax: 2,
          uploadBytesMax: 1 << 24,
          visit: world.visit
        }),
        ground
      )
    ).pipe(Scope.extend(scope))
    const imports = Context.get(built, Imports.Imports)
    const start = (bytes: Uint8Array) =>
      imports.start({ owner: ada, name: "export \ud83c\0.zip", bytes: Stream.make(bytes) })
    return { imports, start, die: Scope.close(scope, Exit.void) }
  })

/** How the import ended, as the log says, and its receipt. */
const ended = (world: ImportWorld, importId: ImportId) =>
  Effect.gen(function*() {
    const finished = Effect.map(world.events, (told) =>
      told.map(({ event }) =>
        event
      ).filter((event) => event._tag === "import.ImportFinished" && event.importId === importId))
    const [end, ...more] = yield* Effect.repeat(Effect.delay(finished, "10 millis"), {
      until: (ends) =>
        ends.length > 0
    })
    assert.lengthOf(more, 0, "once")
    // The spool is emptied last.
    const isIn = Effect.sync(() =>
      fs.readdirSync(world.folder).includes(importId)
    )
    yield* Effect.repeat(Effect.delay(isIn, "10 millis"), { until: (there) => !there })
    const bytes = end.receipt === null ? null : world.kept.get(`${ada} ${end.receipt.hash}`)
    const receipt = bytes === null || bytes === undefined
      ? null
      : JSON.parse(Buffer.from(bytes).toString()) as ImportReceipt
    return { end, receipt }
  }).pipe(Effect.timeout("30 seconds"))

const many = bytesOf(...Array.from({ length: 12 }, (_, i) => grown(`c${i}`, 4, 1)))

/** Ids of the conversations in the archive. */
const inArchive = (world: ImportWorld) =>
  Effect.map(world.events, (told) => [
    ...new Set(
      told.flatMap(({ event }) => event._tag === "document.ConversationImported" ? [event.sourceId as string] : [])
    )
  ])

/** After so many steps the stores do not answer any more; tells when that is. */
const freeze = Effect.fnUntraced(function*(world: ImportWorld, left: number) {
  const frozen = yield* Deferred.make<void>()
  world.plug.left = left
  world.plug.outage = Effect.zipRight(Deferred.succeed(frozen, undefined), Effect.interruptible(Effect.never))
  return Deferred.await(frozen)
})

describe("Imports", () => {
  test("B1 an import goes on in the node's next life, wherever the last one stopped", function*(world) {
    const before = yield* live(world)
    const whole = yield* before.start(many)
    const { end, receipt } = yield* ended(world, whole)
    assert.strictEqual(end.outcome, "imported")
    assert.deepStrictEqual(receipt!.conversations, { found: 12, imported: 12, merged: 0, empty: 0, quarantined: 0 })
    yield* before.die

    // From the first thing that is done for it to the last.
    const { steps } = world.plug
    for (const left of [3, 4, 7, steps >> 1, steps - 7, steps - 3, steps - 2, steps - 1]) {
      yield* Effect.scoped(Effect.gen(function*() {
        const other = yield* importWorld
        const first = yield* live(other)
        const frozen = yield* freeze(other, left)
        const importId = yield* first.start(many)
        yield* Effect.timeout(frozen, "20 seconds")
        yield* first.die
        assert.lengthOf(yield* other.spool.waiting, 1, `it waits in the spool (${left})`)
        other.plug.left = Infinity
        const second = yield* live(other)
        const again = yield* ended(other, importId)
        assert.deepStrictEqual(again.receipt, receipt, `stopped after ${left}`)
        assert.strictEqual(again.end.outcome, "imported")
        assert.lengthOf(yield* inArchive(other), 12)
        assert.deepStrictEqual(fs.readdirSync(other.folder), [])
        assert.deepStrictEqual(second.imports.running(ada), [])
        yield* second.die
      }))
    }
  })

  test(
    "B3 an import whose file is gone ends at the next start, once, with what to do; the others are as they were",
    function*(world) {
      const first = yield* live(world)
      const done = yield* first.start(many)
      yield* ended(world, done)
      // Nothing can be kept for now: three that have started wait.
      world.weather.content = Infinity
      const start = (id: string) => first.start(bytesOf(grown(id, 4, 1)))
      const [gone, here, strange] = [yield* start("g"), yield* start("h"), yield* start("s")]
      yield* first.die
      world.weather.content = 0

      // A restore, or a hand, left one of them. Of another the page cannot be read, and yet its file lies there.
      yield* world.spool.remove(gone)
      fs.writeFileSync(path.join(world.folder, strange, "job.json"), "{}")
      const second = yield* live(world)
      const { end, receipt } = yield* ended(world, gone)
      assert.deepInclude(end, { outcome: "refused", owner: ada, counts: null })
      assert.match(end.refusal, /Import the file again/)
      assert.isNull(receipt)
      assert.strictEqual((yield* ended(world, here)).end.outcome, "imported")
      yield* second.die

      // The next start has nothing to end: not those that have ended, and not one that begins meanwhile.
      const third = yield* live(world)
      const fresh = yield* third.start(many)
      assert.strictEqual((yield* ended(world, fresh)).end.outcome, "imported")
      const ends = (yield* world.events).filter(({ event }) => event._tag === "import.ImportFinished")
      assert.sameMembers(ends.map(({ event }) => event.importId), [done, gone, here, fresh])
      yield* third.die
    }
  )

  test("B2 a cancelled import keeps what came in, and its receipt says what", function*(world) {
    const { die, imports, start } = yield* live(world)
    // The database becomes slow, so that there is time to change one's mind.
    world.plug.left = 30
    const slow = yield* Deferred.make<void>()
    world.plug.outage = Effect.zipRight(Deferred.succeed(slow, undefined), Effect.sleep("50 millis"))
    const importId = yield* start(many)
    yield* Deferred.await(slow)
    assert.isFalse(yield* imports.cancel(Did.make("did:key:zBo"), importId), "nobody else may")
    assert.lengthOf(imports.running(Did.make("did:key:zBo")), 0)
    assert.lengthOf(imports.running(ada), 1)
    // One that still waits for its place (two run at once) is stopped as well.
    const second = yield* start(bytesOf(...Array.from({ length: 12 }, (_, i) => grown(`d${i}`, 4, 1))))
    const third = yield* start(many)
    for (const one of [third, second, importId]) assert.isTrue(yield* imports.cancel(ada, one))
    const early = yield* ended(world, third)
    assert.deepInclude(early.receipt!.conversations, { found: 0 })
    yield* ended(world, second)
    const { end, receipt } = yield* ended(world, importId)
    assert.strictEqual(end.outcome, "cancelled")
    // Its receipt names what was read, also when nobody had looked at it yet.
    for (const name of [end.format, receipt!.format, early.end.format, early.receipt!.format]) {
      assert.strictEqual(name, "chatgpt-export-classic")
    }
    assert.isTrue(isBalanced(receipt!))
    const came = (yield* inArchive(world)).filter((id) => id.startsWith("c"))
    assert.isAbove(came.length, 0)
    assert.isBelow(came.length, 12)
    assert.sameMembers(receipt!.items.map(({ id }) => id), came)
    assert.strictEqual(receipt!.conversations.imported, came.length)
    assert.deepStrictEqual(end.counts, { conversations: receipt!.conversations, nodes: receipt!.nodes })
    assert.deepStrictEqual(fs.readdirSync(world.folder), [])
    assert.isFalse(yield* imports.cancel(ada, importId), "it has ended")
    world.plug.left = Infinity
    const rest = yield* ended(world, yield* start(many))
    assert.strictEqual(rest.receipt!.conversations.imported, 12 - came.length)
    yield* die
  })

  test("J2 a file nobody can read ends as refused, with the reason, and the node goes on", function*(world) {
    const { die, start } = yield* live(world)
    const refused = yield* ended(world, yield* start(Buffer.from("Dear diary,")))
    assert.deepInclude(refused.end, { outcome: "refused", counts: null, format: null, receipt: null })
    assert.match(refused.end.refusal, /no two sides speak.*Read are/)
    assert.deepStrictEqual(fs.readdirSync(world.folder), [])
    assert.strictEqual((yield* ended(world, yield* start(many))).end.outcome, "imported")
    yield* die
  })

  test("B1 while the stores are away an import waits, also for its pictures", function*(world) {
    const { die, start } = yield* live(world)
    const image = { content_type: "image_asset_pointer", asset_pointer: "file-service://file-AbCdEfGh1234" }
    const file = zipSync({
      "conversations.json": bytesOf(
        talk("a"),
        chat("seen", [node("q", null, "user", { content_type: "multimodal_text", parts: [image, "See"] })])
      ),
      "file-AbCdEfGh1234-cat.png": Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)
    })
    world.weather.content = 3
    const importId = yield* start(file)
    world.weather.log = 2
    const { end, receipt } = yield* ended(world, importId)
    assert.deepStrictEqual([end.outcome, end.refusal], ["imported", null])
    assert.deepStrictEqual(receipt!.conversations, { found: 2, imported: 2, merged: 0, empty: 0, quarantined: 0 })
    const blocks = (yield* world.events).flatMap(({ event }) => event.messages ?? []).flatMap((message: any) =>
      message.blocks
    )
    assert.strictEqual(blocks.find(({ _tag }: any) => _tag === "Image").content.bytes, 8)
    assert.deepStrictEqual(world.weather, { log: 0, content: 0 })
    yield* die
  })

  test("B1 a picture that breaks a bound is one that cannot be read, and holds nothing up", function*(world) {
    const { die, start } = yield* live(world)
    const image = { content_type: "image_asset_pointer", asset_pointer: "file-service://file-AbCdEfGh1234" }
    const importId = yield* start(zipSync({
      "conversations.json": bytesOf(
        chat("seen", [node("q", null, "user", { content_type: "multimodal_text", parts: [image, "See"] })])
      ),
      "file-AbCdEfGh1234-cat.png": new Uint8Array(8_000_000)
    }))
    const { end, receipt } = yield* ended(world, importId)
    assert.deepStrictEqual([end.outcome, receipt!.conversations.imported], ["imported", 1])
    yield* die
  })

  test("B5 what waits for who has left goes, in this life and in the next", function*(world) {
    const vault = Context.get(world.ground, KeyVault)
    yield* vault.enroll(ada, Redacted.make(new Uint8Array(32)))
    world.weather.content = Infinity
    const { die, start } = yield* live(world)
    const importId = yield* start(bytesOf(talk("a")))
    yield* die
    assert.isTrue(yield* world.spool.has(importId))
    const next = yield* live(world)
    const other = yield* next.start(bytesOf(talk("b")))
    yield* vault.forget(ada)
    for (const id of [importId, other]) {
      yield* Effect.repeat(world.spool.has(id), { while: (isThere) => isThere, schedule: Schedule.spaced("50 millis") })
    }
    yield* next.die
  })
})
