/** What is true of registry views and of what runs them. */
import * as RegistryRows from "@vivim/projection/RegistryRows"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as RowFold from "@vivim/projection/RowFold"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import { assert } from "vitest"
import { all } from "./Events.ts"
import { type Law, law as lawOf } from "./Law.ts"
import { assertRight, calm, pots, potsView, readPots, tea } from "./Pots.ts"
import { anyOp, perform, plain, type Rows, tables } from "./RowModel.ts"
import { TeaEvents } from "./Tea.ts"
import { eventually, type ViewWorld } from "./ViewWorld.ts"

const law = lawOf<ViewWorld>

const rows: ReadonlyArray<Law<ViewWorld>> = [
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
      {
        view: "pots",
        version: 1,
        position: 720,
        state: "running",
        stop: null,
        trouble: null,
        lag: 0,
        lagMs: 0,
        ailing: new Map(),
        skipped: []
      }
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

const failing: ReadonlyArray<Law<ViewWorld>> = [
  ...Object.entries({
    "has a bug": () => {
      throw new Error("no such cup")
    },
    "asks for what PostgreSQL cannot keep": () => [RegistryView.put("cup", { pot: "d0", at: "yesterday" })]
  }).map(([what, on]) =>
    law(`W2 a view that ${what} at one event stops alone, says at which, and goes on when told`, function*(world) {
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
      const [stopped]: any = yield* eventually(node.views.status, ([first]) => first!.state === "stopped")
      const { event, position, reason } = stopped.stop
      assert.deepStrictEqual({ event, position, at: stopped.position }, {
        event: { stream: "tea/d1", version: 2, type: "tea.Poured" },
        position: 5,
        at: 4
      })
      assert.match(reason, /no such cup|yesterday/)
      const [, other]: any = yield* eventually(node.views.status, ([, other]) => other!.position === 9)
      assert.deepInclude(other, { view: "calm", state: "running", lag: 0 })
      assert.deepStrictEqual((yield* readPots(world.sql)).map(({ pot }: any) => pot), ["tea/d0"])
      // Nobody waits for what does not come.
      const refusal: any = yield* Effect.flip(node.views.waitFor(9))
      assert.deepInclude(refusal, { _tag: "ViewStopped", view: "pots", position: 5 })
      yield* node.views.waitFor(4)

      // Told to go on too early it stops again, at the same event.
      assert.strictEqual(yield* node.views.resume("pots") as any, 1)
      assert.strictEqual((yield* Effect.flip(node.views.waitFor(9)) as any).position, 5)
      poison = null
      yield* node.views.resume("pots")
      yield* node.views.waitFor(9)
      const [back]: any = yield* node.views.status
      assert.deepInclude(back, { position: 9, lag: 0, state: "running", stop: null })
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
    assert.strictEqual((yield* node.views.status)[0]?.state, "running")
    assert.strictEqual((yield* all(world.log.readAll(0))).length, 4, "it stays in the log")
    yield* node.kill
  })
]

export const registryLaws: ReadonlyArray<Law<ViewWorld>> = [...rows, ...failing]
