/** What is true of registry views that are built anew, and of those who read them meanwhile. */
import type { Report } from "@vivim/projection/Progress"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { assert } from "vitest"
import { all } from "./Events.ts"
import { type Law, law as lawOf } from "./Law.ts"
import { assertRight, calm, expectedPots, pots, readPots, tea, traffic } from "./Pots.ts"
import { eventually, halting, type ViewWorld } from "./ViewWorld.ts"

const law = lawOf<ViewWorld>

/** What long work says of itself is not the point. */
const silent: Report = () => Effect.void

/** Reads all the time, both tables, in both orders, and sees to it that nothing it saw is gone. */
const polling = ({ sql }: ViewWorld) =>
  Effect.gen(function*() {
    const seen = { polls: 0 }
    const ask = (from: string) => {
      let last = 0
      return sql.unsafe<{ readonly rows: string }>(`SELECT count(*) AS rows FROM ${from}`).pipe(
        Effect.map(([row]) => {
          assert.isAtLeast(Number(row!.rows), last)
          last = Number(row!.rows)
          seen.polls++
        }),
        Effect.delay(1),
        Effect.forever
      )
    }
    const readers = yield* Effect.fork(Effect.all([
      ask("registry.pot p JOIN registry.cup c USING (pot)"),
      ask("registry.cup c JOIN registry.pot p USING (pot)"),
      ask("registry.cup c WHERE EXISTS (SELECT 1 FROM registry.pot p WHERE p.pot = c.pot)")
    ], { concurrency: 3 }))
    return { seen, readers }
  })

export const rebuildLaws: ReadonlyArray<Law<ViewWorld>> = [
  law("R2 readers find the view at every moment, whatever is swapped under them", function*(world) {
    const node = yield* world.start([pots()])
    yield* world.fill("d0")
    yield* node.views.waitFor(1)
    const { readers, seen }: any = yield* polling(world)
    const pouring = yield* traffic(world, node)
    for (let n = 0; n < 6; n++) {
      const before = seen.polls
      const rebuilt: any = yield* node.views.rebuild("pots", silent)!
      assert.isAbove(rebuilt.position, 0)
      yield* eventually(Effect.void, () => seen.polls > before + 20 || readers.unsafePoll() !== null)
    }
    yield* Fiber.interrupt(pouring)
    assert.isNull(readers.unsafePoll(), `a reader failed: ${JSON.stringify(readers.unsafePoll())}`)
    yield* Fiber.interrupt(readers)
    yield* node.views.waitFor(yield* world.log.head)
    yield* assertRight(world)
    const schemas = yield* world.sql`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'registry_pots_%'`
    assert.lengthOf(schemas, 1, "what was replaced is gone")
    yield* node.kill
  }),

  law("W3 while it is built anew the old rows are there, and up to date", function*(world) {
    yield* tea(world, 30)
    const { open, reached, seen }: any = yield* halting(world, 20)
    const node = yield* world.start([pots()])
    yield* node.views.waitFor(30)
    yield* node.kill
    const other = yield* world.start([pots()], seen)
    const rebuilding = yield* Effect.fork(other.views.rebuild("pots", silent)!)
    yield* reached
    yield* world.pour("d1")
    yield* other.views.waitFor(31)
    yield* assertRight(world)
    yield* open
    assert.deepStrictEqual(yield* Fiber.join(rebuilding) as Effect.Effect<unknown>, { view: "pots", position: 31 })
    yield* assertRight(world)
    yield* other.kill
  }),

  law("R2 a raised version is built beside the old one, which is read until it has caught up", function*(world) {
    yield* tea(world, 30)
    const node = yield* world.start([pots()])
    yield* node.views.waitFor(30)
    yield* node.kill
    yield* tea(world, 10)
    const { open, reached, seen }: any = yield* halting(world, 35)
    const next = yield* world.start([pots({ version: 2 })], seen)
    yield* reached
    const madeBy = world.sql`SELECT DISTINCT made_by FROM registry.pot`
    assert.deepStrictEqual(yield* madeBy, [{ made_by: 1 }] as never)
    assert.deepStrictEqual(yield* readPots(world.sql), expectedPots((yield* all(world.log.readAll(0))).slice(0, 30)))
    yield* open
    yield* next.views.waitFor(40)
    assert.deepStrictEqual(yield* madeBy, [{ made_by: 2 }] as never)
    yield* assertRight(world)
    yield* next.kill
  }),

  law("R2 a raised version that is killed half way begins again, and leaves nothing behind", function*(world) {
    yield* tea(world, 30)
    const node = yield* world.start([pots()])
    yield* node.views.waitFor(30)
    yield* node.kill
    const { reached, seen }: any = yield* halting(world, 15)
    const dying = yield* world.start([pots({ version: 2 })], seen)
    yield* reached
    yield* dying.kill
    const next = yield* world.start([pots({ version: 2 })])
    yield* next.views.waitFor(30)
    yield* eventually(world.sql`SELECT 1 FROM registry.pot WHERE made_by = 2`, (rows) => rows.length > 0)
    yield* assertRight(world)
    const schemas = yield* world.sql`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'registry_pots_%'`
    assert.lengthOf(schemas, 1)
    yield* next.kill
  }),

  law("W3 a comparison finds nothing under live traffic, and finds what was planted", function*(world) {
    const node = yield* world.start([pots(), SqlRegistry.make(calm)])
    yield* tea(world, 40)
    yield* node.views.waitFor(40)
    const pouring = yield* traffic(world, node)
    for (let n = 0; n < 3; n++) {
      const [compared, other]: any = yield* node.views.compare(silent)
      assert.deepStrictEqual(compared.differences, [])
      assert.isAbove(compared.rows, 0)
      assert.deepInclude(other, { view: "calm", rows: 0, differences: [] })
    }
    yield* Fiber.interrupt(pouring)
    yield* node.views.waitFor(yield* world.log.head)
    yield* world.sql`UPDATE registry.pot SET last_at = 0 WHERE pot = 'tea/d1'`
    yield* world.sql`INSERT INTO registry.cup VALUES ('tea/none', 1)`
    const [planted]: any = yield* node.views.compare(silent)
    assert.lengthOf(planted.differences, 3)
    assert.match(planted.differences.join("\n"), /pot: only in the serving view: .*tea\/d1.*,0,/)
    assert.match(planted.differences.join("\n"), /cup: only in the serving view: .*tea\/none/)
    yield* node.views.rebuild("pots", silent)!
    const [mended]: any = yield* node.views.compare(silent)
    assert.deepStrictEqual(mended.differences, [])
    assert.isNull(node.views.rebuild("nothing", silent))
    yield* node.kill
  })
]
