/** What is true of registry views and of what runs them. */
import * as RegistryRows from "@vivim/projection/RegistryRows"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as RowFold from "@vivim/projection/RowFold"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assert } from "vitest"
import { all, type Store } from "./Events.ts"
import { anyOp, perform, plain, type Rows, tables } from "./RowModel.ts"
import { TeaEvents } from "./Tea.ts"
import { expectedPots, type Node, potsView, readPots, type ViewWorld } from "./ViewWorld.ts"

export interface Law {
  readonly title: string
  readonly holds: (world: ViewWorld) => Effect.Effect<void, unknown>
}

const law = (title: string, holds: (world: ViewWorld) => Generator<any, void, any>): Law => ({
  title,
  holds: (world) => Effect.gen(() => holds(world)) as Effect.Effect<void, unknown>
})

/** Silence: what long work says of itself is not the point. */
const nobody = () => Effect.void
const pots = (options?: Parameters<typeof potsView>[0]) => SqlRegistry.make(potsView(options))
const calm = RegistryView.make({
  ...potsView(),
  name: "calm",
  tables: { calm_pot: potsView().tables["pot"]! },
  on: {},
  touches: () => []
})

/** Some tea: three pots, filled now and then. */
const tea = ({ fill, pour }: ViewWorld, events: number) =>
  Effect.forEach(Array.from({ length: events }, (_, n) => n), (n) => (n % 7 === 0 ? fill : pour)(`d${n % 3}`))

const assertRight = ({ log, sql }: ViewWorld) =>
  Effect.gen(function*() {
    assert.deepStrictEqual(yield* readPots(sql), expectedPots(yield* all(log.readAll(0))))
  })

/** Asks again until the answer is as wanted. */
const eventually = <A>(ask: Effect.Effect<A, unknown>, isWanted: (answer: A) => boolean) =>
  Effect.repeat(Effect.delay(ask, 5), { until: isWanted })

/** Goes on pouring, each cup when the one before it is in the view. */
const traffic = ({ pour }: ViewWorld, { views }: Node) =>
  Effect.fork(Effect.forever(Effect.flatMap(pour("d1"), views.waitFor)))

/** A log whose reading of the past stops at a position until it is let go on. */
const halting = (log: Store, at: number) =>
  Effect.gen(function*() {
    const [reached, open] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const halt = Effect.zipRight(Deferred.succeed(reached, undefined), Deferred.await(open))
    const seen: Store = {
      ...log,
      readAll: (after, options) =>
        Stream.tap(log.readAll(after, options), ({ position }) => position === at ? halt : Effect.void)
    }
    return { seen, reached: Deferred.await(reached), open: Deferred.succeed(open, undefined) }
  })

const rows: ReadonlyArray<Law> = [
  law("R1 a folded batch leaves in PostgreSQL what its operations say one by one", function*({ sql }) {
    const view = RegistryView.make({ ...potsView(), name: "model", tables, on: {}, touches: () => [] })
    const read = (table: string) =>
      sql.unsafe<any>(`SELECT * FROM model."${table}"`).pipe(
        Effect.map((rows) => rows.map((row) => "n" in row ? { ...row, n: Number(row.n) } : row))
      )
    yield* RegistryRows.create(sql, view, "model")
    const batches = FastCheck.array(FastCheck.array(anyOp, { maxLength: 12, size: "max" }), {
      maxLength: 3,
      size: "max"
    })
    for (const sample of FastCheck.sample(batches, 40)) {
      yield* sql`TRUNCATE model.cup, model.pot`
      const model: Rows = new Map(Object.keys(tables).map((table) => [table, new Map()]))
      for (const batch of sample) {
        for (const op of batch) perform(model, op)
        yield* RegistryRows.write(sql, view, "model", RowFold.fold(tables, batch))
      }
      const found: Rows = new Map(Object.keys(tables).map((table) => [table, new Map()]))
      for (const table of Object.keys(tables)) {
        for (const row of yield* read(table)) perform(found, { op: "put", table, row })
      }
      assert.deepStrictEqual(plain(found), plain(model))
    }
  }),

  law("R1 whenever the node is killed, every batch is in the view once, in order", function*(world) {
    for (let kills = 0; kills < 12; kills++) {
      const node = yield* world.start([pots()])
      const feeding = yield* Effect.fork(tea(world, 60))
      // Killed wherever it happens to be: before the first batch, in the middle of a transaction, after the last.
      yield* Effect.repeatN(Effect.yieldNow(), (kills * 37) % 90)
      if (kills % 3 === 0) yield* node.views.waitFor(world.log === null ? 0 : 1 + kills * 60)
      yield* node.kill
      yield* Fiber.join(feeding)
    }
    const node = yield* world.start([pots()])
    yield* node.views.waitFor(yield* world.log.head)
    yield* assertRight(world)
    yield* node.kill
  }),

  law("W1 a view that starts late reads the past, then what comes", function*(world) {
    yield* tea(world, 700)
    const node = yield* world.start([pots()])
    yield* tea(world, 20)
    yield* node.views.waitFor(720)
    yield* assertRight(world)
    assert.deepStrictEqual(yield* node.views.status, [
      { view: "pots", version: 1, position: 720, failure: null, lag: 0 }
    ])
    yield* node.kill
  }),

  law("W1 watchers are woken by what was touched, when it is in the view", function*(world) {
    const node = yield* world.start([pots()])
    yield* world.fill("d0")
    yield* node.views.waitFor(1)
    let woken = 0
    const forget = node.reactivity.unsafeRegister(["tea/d1"], () => woken++)
    yield* world.pour("d0")
    yield* node.views.waitFor(2)
    assert.strictEqual(woken, 0)
    yield* world.fill("d1")
    yield* node.views.waitFor(3)
    yield* Effect.repeatN(Effect.yieldNow(), 50)
    assert.strictEqual(woken, 1)
    forget()
    yield* node.kill
  })
]

const failing: ReadonlyArray<Law> = [
  ...Object.entries({
    "has a bug": () => {
      throw new Error("no such cup")
    },
    "asks for what PostgreSQL cannot keep": () => [RegistryView.put("cup", { pot: "d0", at: "yesterday" })]
  }).map(([what, on]) =>
    law(`W2 a view that ${what} at one event stops alone, says at which, and comes back`, function*(world) {
      let poison: number | null = 5
      const view = potsView()
      const Stumbling = RegistryView.make({
        ...view,
        on: {
          ...view.on,
          "tea.Poured": (poured, fact) => fact.position === poison ? on() : view.on["tea.Poured"]!(poured, fact)
        }
      })
      const node = yield* world.start([SqlRegistry.make(Stumbling), SqlRegistry.make(calm)])
      yield* tea(world, 9)
      const stopped: any = yield* eventually(node.views.status, ([first]) => first!.failure !== null)
      assert.match(stopped[0].failure, /^at position 5: /)
      assert.strictEqual(stopped[0].position, 4)
      const [, other]: any = yield* eventually(node.views.status, ([, other]) => other!.position === 9)
      assert.deepInclude(other, { view: "calm", failure: null, lag: 0 })
      assert.deepStrictEqual((yield* readPots(world.sql)).map(({ pot }: any) => pot), ["tea/d0"])

      poison = null
      yield* node.views.waitFor(9)
      const [back]: any = yield* eventually(node.views.status, ([first]) => first!.failure === null)
      assert.deepInclude(back, { position: 9, lag: 0 })
      yield* assertRight(world)
      yield* node.kill
    })
  ),

  law("W4 what a newer build stated is passed over, and nothing waits for it", function*(world) {
    yield* world.fill("d0")
    const newer = TeaEvents.events[1]!({ note: "" } as never)
    yield* world.state("tea/d0", "did:key:zAda", newer as never, { schemaVersion: 9 })
    yield* world.state("tea/d0", "did:key:zAda", newer as never, { routing: Uint8Array.of(0xff) })
    yield* world.pour("d0")
    const node = yield* world.start([pots()])
    yield* node.views.waitFor(4)
    assert.deepStrictEqual(yield* readPots(world.sql), [{ pot: "tea/d0", filled: 1, last: 4, cups: [4] }])
    assert.strictEqual((yield* node.views.status)[0]?.failure, null)
    assert.strictEqual((yield* all(world.log.readAll(0))).length, 4, "it stays in the log")
    yield* node.kill
  })
]

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

const rebuilding: ReadonlyArray<Law> = [
  law("R2 readers find the view at every moment, whatever is swapped under them", function*(world) {
    const node = yield* world.start([pots()])
    yield* world.fill("d0")
    yield* node.views.waitFor(1)
    const { readers, seen }: any = yield* polling(world)
    const pouring = yield* traffic(world, node)
    for (let n = 0; n < 6; n++) {
      const before = seen.polls
      const rebuilt: any = yield* node.views.rebuild("pots", nobody)!
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
    const { open, reached, seen }: any = yield* halting(world.log, 20)
    const node = yield* world.start([pots()])
    yield* node.views.waitFor(30)
    yield* node.kill
    const other = yield* world.start([pots()], seen)
    const rebuilding = yield* Effect.fork(other.views.rebuild("pots", nobody)!)
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
    const { open, reached, seen }: any = yield* halting(world.log, 35)
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
    const { reached, seen }: any = yield* halting(world.log, 15)
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
      const [compared, other]: any = yield* node.views.compare(nobody)
      assert.deepStrictEqual(compared.differences, [])
      assert.isAbove(compared.rows, 0)
      assert.deepInclude(other, { view: "calm", rows: 0, differences: [] })
    }
    yield* Fiber.interrupt(pouring)
    yield* node.views.waitFor(yield* world.log.head)
    yield* world.sql`UPDATE registry.pot SET last_at = 0 WHERE pot = 'tea/d1'`
    yield* world.sql`INSERT INTO registry.cup VALUES ('tea/none', 1)`
    const [planted]: any = yield* node.views.compare(nobody)
    assert.lengthOf(planted.differences, 3)
    assert.match(planted.differences.join("\n"), /pot: only in the serving view: .*tea\/d1.*,0,/)
    assert.match(planted.differences.join("\n"), /cup: only in the serving view: .*tea\/none/)
    yield* node.views.rebuild("pots", nobody)!
    const [mended]: any = yield* node.views.compare(nobody)
    assert.deepStrictEqual(mended.differences, [])
    assert.isNull(node.views.rebuild("nothing", nobody))
    yield* node.kill
  })
]

export const registryLaws: ReadonlyArray<Law> = [...rows, ...failing, ...rebuilding]
