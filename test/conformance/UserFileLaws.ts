/** What is true of views in users' files: real SQLite files, one per user, filled from one log. */
import type { Report } from "@vivim/projection/Progress"
import type { Database } from "@vivim/user-database/Database"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assert } from "vitest"
import { cups, cupsView, type Files, filesOf, madeBy, traces } from "./Cups.ts"
import { type Law, law as lawOf } from "./Law.ts"
import { Poured } from "./Tea.ts"
import { halting, type ViewWorld } from "./ViewWorld.ts"

/** What long work says of itself is not the point. */
const silent: Report = () => Effect.void

const [ada, bo, cy] = ["did:key:zAda", "did:key:zBo", "did:key:zCy"] as const

/** With a folder for the files. */
const onFiles = (title: string, holds: (files: Files) => Generator<any, void, any>): Law<ViewWorld> => {
  const { holds: held } = lawOf(title, holds)
  return { title, holds: (world) => Effect.scoped(Effect.flatMap(filesOf(world), held)) }
}

export const userFileLaws: ReadonlyArray<Law<ViewWorld>> = [
  onFiles(
    "V1 a user's file comes with the registration and goes with the deletion",
    function*({ folder, leave, pour, register, start }) {
      const { files, kill, views } = yield* start()
      const view = cupsView()
      yield* pour(ada, "too early")
      yield* register(ada)
      yield* register(bo)
      yield* pour(ada)
      yield* pour(cy, "nobody's")
      yield* views.waitFor(yield* pour(bo, "another"))
      assert.deepStrictEqual(yield* files.read(ada, view, cups), { "a cup": 1 })
      assert.deepStrictEqual(yield* files.read(bo, view, cups), { another: 1 })
      assert.isNotEmpty(traces(folder, ada))
      yield* leave(ada)
      yield* views.waitFor(yield* pour(ada, "too late"))
      assert.isEmpty(traces(folder, ada))
      assert.isEmpty(traces(folder, cy))
      assert.strictEqual((yield* Effect.flip(files.read(ada, view, cups)) as any)._tag, "NoSuchUser")
      assert.deepStrictEqual(yield* files.read(bo, view, cups), { another: 1 })
      yield* kill
    }
  ),

  onFiles(
    "V1 whoever came and went within one batch leaves nothing",
    function*({ folder, leave, pour, register, start }) {
      yield* register(ada)
      yield* pour(ada)
      const last = yield* leave(ada)
      const { files, kill, views } = yield* start()
      yield* views.waitFor(last)
      assert.deepStrictEqual(yield* files.list, [])
      assert.isEmpty(traces(folder, ada))
      yield* kill
    }
  ),

  onFiles(
    "V2 whenever the node is killed, nothing is in a file twice, and nothing is missing",
    function*({ pour, register, start }) {
      yield* register(ada)
      yield* register(bo)
      for (let kills = 0; kills < 12; kills++) {
        const { kill, views } = yield* start()
        const feeding = yield* Effect.fork(
          Effect.forEach(Array.from({ length: 30 }), (_, n) => pour(n % 3 === 0 ? ada : bo))
        )
        yield* Effect.repeatN(Effect.yieldNow(), (kills * 41) % 120)
        if (kills % 4 === 0) yield* views.waitFor(2 + kills * 30)
        yield* kill
        yield* Fiber.join(feeding)
      }
      const { files, kill, views } = yield* start()
      yield* views.waitFor(2 + 12 * 30)
      assert.deepStrictEqual(yield* files.read(ada, cupsView(), cups), { "a cup": 120 })
      assert.deepStrictEqual(yield* files.read(bo, cupsView(), cups), { "a cup": 240 })
      yield* kill
    }
  ),

  onFiles("V2 a checkpoint that trails the files is no harm", function*({ pour, register, start, world }) {
    yield* register(ada)
    const { kill, views } = yield* start()
    for (let n = 0; n < 20; n++) yield* pour(ada)
    yield* views.waitFor(21)
    yield* kill
    yield* world.sql`UPDATE projection SET position = 3 WHERE view = 'cups'`
    const again = yield* start()
    yield* again.views.waitFor(yield* pour(ada))
    assert.deepStrictEqual(yield* again.files.read(ada, cupsView(), cups), { "a cup": 21 })
    yield* again.kill
  }),

  onFiles("W3 a rebuild leaves readers where they are, takes in who comes meanwhile, and swaps", function*(files) {
    const { pour, register, start, world } = files
    yield* register(ada)
    for (let n = 0; n < 10; n++) yield* pour(ada)
    const { open, reached, seen }: any = yield* halting(world, 8)
    const first = yield* start()
    yield* first.views.waitFor(11)
    yield* first.kill
    const node = yield* start(1, seen)
    const rebuilding = yield* Effect.fork(node.views.rebuild("cups", silent)!)
    yield* reached
    yield* register(bo)
    yield* pour(bo)
    yield* node.views.waitFor(yield* pour(ada))
    assert.deepStrictEqual(yield* node.files.read(ada, cupsView(), cups), { "a cup": 11 })
    assert.deepStrictEqual(yield* node.files.read(bo, cupsView(), cups), { "a cup": 1 })
    yield* open
    yield* Fiber.join(rebuilding)
    yield* node.views.waitFor(yield* pour(bo))
    assert.deepStrictEqual(yield* node.files.read(ada, cupsView(), cups), { "a cup": 11 })
    assert.deepStrictEqual(yield* node.files.read(bo, cupsView(), cups), { "a cup": 2 })
    const [compared]: any = yield* node.views.compare(silent)
    assert.deepStrictEqual(compared.differences, [])
    yield* node.kill
  }),

  onFiles(
    "W3 a rebuild or a comparison never runs ahead of the files that serve",
    function*({ pour, register, start, world }) {
      yield* register(ada)
      const first = yield* start()
      yield* first.views.waitFor(yield* pour(ada))
      yield* first.kill
      // The node hears of nothing new until it is let go on.
      const open = yield* Deferred.make<void>()
      const follow: typeof world.log.follow = (after, options) =>
        Stream.unwrap(Effect.as(Deferred.await(open), world.log.follow(after, options)))
      const node = yield* start(1, { ...world.log, follow })
      yield* node.views.waitFor(2)
      yield* register(bo)
      yield* pour(bo)
      const last = yield* pour(ada)
      const [compared]: any = yield* node.views.compare(silent)
      assert.deepInclude(compared, { differences: [], upTo: 2 })
      assert.deepInclude(yield* node.views.rebuild("cups", silent)!, { position: 2 })
      yield* Deferred.succeed(open, undefined)
      yield* node.views.waitFor(last)
      assert.deepStrictEqual(yield* node.files.read(ada, cupsView(), cups), { "a cup": 2 })
      assert.deepStrictEqual(yield* node.files.read(bo, cupsView(), cups), { "a cup": 1 })
      yield* node.kill
    }
  ),

  onFiles("W3 a raised version is built beside, and knows who came and went while nobody looked", function*(files) {
    const { folder, leave, pour, register, start, world } = files
    yield* register(ada)
    yield* register(cy)
    for (let n = 0; n < 10; n++) yield* pour(ada)
    const node = yield* start()
    yield* node.views.waitFor(yield* pour(cy))
    yield* node.kill
    // The node is away; the next one is a newer build.
    yield* register(bo)
    yield* pour(bo)
    yield* leave(cy)
    const last = yield* pour(ada)
    const { open, reached, seen }: any = yield* halting(world, 8)
    const next = yield* start(2, seen)
    yield* reached
    assert.deepStrictEqual(yield* next.files.read(ada, cupsView(2), cups), { "a cup": 10 })
    assert.deepStrictEqual(yield* next.files.read(ada, cupsView(2), madeBy), [1])
    yield* open
    yield* next.views.waitFor(last)
    assert.deepStrictEqual(yield* next.files.read(ada, cupsView(2), madeBy), [2])
    assert.deepStrictEqual(yield* next.files.read(ada, cupsView(2), cups), { "a cup": 11 })
    assert.deepStrictEqual(yield* next.files.read(bo, cupsView(2), cups), { "a cup": 1 })
    assert.isEmpty(traces(folder, cy))
    const [compared]: any = yield* next.views.compare(silent)
    assert.deepStrictEqual(compared.differences, [])
    yield* next.kill
    // Once built, it is not built again.
    const again = yield* start(2, { ...world.log, readAll: () => Stream.die("it reads the past") })
    yield* again.views.waitFor(yield* pour(bo))
    assert.deepStrictEqual(yield* again.files.read(bo, cupsView(2), cups), { "a cup": 2 })
    yield* again.kill
  }),

  onFiles("V2 a raised version that is killed half way begins again, and leaves one file each", function*(files) {
    const { folder, pour, register, start, world } = files
    yield* register(ada)
    yield* register(bo)
    for (let n = 0; n < 10; n++) yield* pour(n % 2 === 0 ? ada : bo)
    const node = yield* start()
    yield* node.views.waitFor(12)
    yield* node.kill
    const { reached, seen }: any = yield* halting(world, 9)
    const dying = yield* start(2, seen)
    yield* reached
    yield* dying.kill
    const next = yield* start(2)
    yield* next.views.waitFor(yield* pour(ada))
    assert.deepStrictEqual(yield* next.files.read(ada, cupsView(2), cups), { "a cup": 6 })
    assert.deepStrictEqual(yield* next.files.read(bo, cupsView(2), cups), { "a cup": 5 })
    assert.deepStrictEqual(yield* next.files.read(bo, cupsView(2), madeBy), [2])
    for (const did of [ada, bo]) {
      const databases = traces(folder, did).filter((file) => file.endsWith(".sqlite"))
      assert.deepStrictEqual(databases.map((file) => file.replace(/^.*(cups\..*)$/, "$1")), ["cups.v2.sqlite"])
    }
    yield* next.kill
  }),

  onFiles(
    "W3 a comparison of files finds what was planted, and a rebuild mends it",
    function*({ pour, register, start }) {
      yield* register(ada)
      yield* register(bo)
      const node = yield* start()
      for (const note of ["one", "two"]) for (const did of [ada, bo]) yield* pour(did, note)
      yield* node.views.waitFor(6)
      const planted = {
        ...cupsView(),
        apply: (db: Database) => void db.run("UPDATE cups SET times = 7 WHERE note = 'two'")
      }
      yield* node.files.apply(ada, planted, [{
        position: 6,
        stream: "x",
        version: 1,
        owner: ada,
        at: 0,
        event: { _tag: "x" }
      }])
      yield* node.views.waitFor(yield* pour(ada, "one"))
      const [compared]: any = yield* node.views.compare(silent)
      assert.deepStrictEqual(compared.differences, [`${ada} cups: 2 rows serving, 2 rebuilt`])
      assert.strictEqual(compared.rows, 4)
      yield* node.views.rebuild("cups", silent)!
      const [mended]: any = yield* node.views.compare(silent)
      assert.deepStrictEqual(mended.differences, [])
      assert.deepStrictEqual(yield* node.files.read(ada, cupsView(), cups), { one: 2, two: 1 })
      yield* node.kill
    }
  ),

  onFiles("W4 what cannot be opened is passed over, and the view goes on", function*({ pour, register, start, world }) {
    yield* register(ada)
    yield* world.state(`tea/${ada}`, ada, Poured({ note: "sealed by another" }), {
      sealed: Uint8Array.of(1, 2, 3)
    })
    const { files, kill, views } = yield* start()
    yield* views.waitFor(yield* pour(ada))
    assert.deepStrictEqual(yield* files.read(ada, cupsView(), cups), { "a cup": 1 })
    yield* kill
  })
]
