/** Decisions, without anything running. */
import type { CommandId } from "@vivim/event-schemas/ids"
import * as Decide from "@vivim/process/Decide"
import * as Process from "@vivim/process/Process"
import type { Known } from "@vivim/process/ProcessStore"
import type { Step } from "@vivim/process/Step"
import { assert, describe, it } from "vitest"
import { ada, Emptied, Filled, metaOf, minder, StoveAddress, TooCold } from "./Kettles.ts"

const causeId = (n: number) => `0190b3c0-0000-7000-8000-${String(n).padStart(12, "0")}` as CommandId
const fact = (n: number, event: { readonly _tag: string; readonly kettle: any }): Decide.Fact => ({
  event,
  cause: { id: causeId(n), stream: `kettle/${event.kettle}`, position: n, version: n, owner: ada, at: n },
  meta: metaOf(causeId(n))
})
const fill = (n: number, kettle: string, boilsAt = 500) => event(fact(n, Filled({ kettle: kettle as never, boilsAt })))
const empty = (n: number, kettle: string) => event(fact(n, Emptied({ kettle: kettle as never })))
const event = (fact: Decide.Fact): Decide.Stimulus => ({ _tag: "Event", fact, step: null })
const known = (parts: Partial<Known> = {}): Known => ({
  memories: new Map(),
  parked: new Set(),
  held: new Set(),
  ...parts
})
const decide = (stimuli: ReadonlyArray<Decide.Stimulus>, on: Partial<Known> = {}, process: Process.Any = minder) =>
  Decide.decide(process, stimuli, 9)(known(on))
const step = (parts: Partial<Step>): Step => ({
  id: causeId(77),
  kind: "timer",
  key: "a",
  name: "whistle",
  dueAt: 500,
  body: { at: 500, payload: { kettle: "a" } },
  claim: 1,
  attempts: 0,
  ...parts
})

describe("Decide", () => {
  it("D1 the same cause gives the same ids, another cause or process others", () => {
    const [one, again] = [decide([fill(1, "a")]), decide([fill(1, "a")])]
    assert.deepStrictEqual(one, again)
    const ids = (decided: typeof one) => decided.steps.map(({ id }) => id)
    const all = [
      ...ids(one),
      ...ids(decide([fill(2, "a")])),
      ...ids(decide([fill(1, "a")], {}, { ...minder, name: "other" }))
    ]
    assert.strictEqual(new Set(all).size, 6)
    const heat = one.steps.find(({ kind }) => kind === "ask")!
    assert.deepStrictEqual(heat.body, {
      kind: "stove",
      by: ada,
      payload: { commandId: heat.id, kettle: "a", times: 1 },
      causes: { causationId: causeId(1), correlationId: causeId(1) }
    })
  })

  it("D5 a command says which event it answers and what that began with, behind a timer and a refusal, too", () => {
    const begun = { causationId: causeId(4), correlationId: causeId(2) }
    const answering = fact(5, Filled({ kettle: "a" as never, boilsAt: 500 }))
    const decided = decide([event({ ...answering, meta: metaOf(causeId(5), begun) })])
    const expected = { causationId: causeId(5), correlationId: causeId(2) }
    assert.strictEqual(decided.steps.length, 2)
    for (const { body } of decided.steps) assert.deepInclude(body, { causes: expected })

    const timer = step({ ...decided.steps.find(({ kind }) => kind === "timer")! })
    const whistled = decide([{ _tag: "Timer", step: timer }], { held: new Set([timer.id]) }).steps[0]!
    assert.deepInclude(whistled.body, { causes: expected })
    const refusal = new TooCold({ until: 9 })
    const asked = step({ ...whistled })
    const later = decide([{ _tag: "Refused", step: asked, refusal }], { held: new Set([asked.id]) }).steps[0]!
    assert.deepInclude(later.body, { at: 9, causes: expected })
  })

  it("D1 versions of a process and what else is in the batch change no id", () => {
    const alone = decide([fill(2, "b")]).steps.map(({ id }) => id)
    const among = decide([fill(1, "a"), fill(2, "b")], {}, { ...minder, version: 7 })
      .steps.filter(({ key }) => key === "b").map(({ id }) => id)
    assert.deepStrictEqual(among, alone)
  })

  it("D2 what it stumbles over is parked with its key, and later events of the key wait behind it", () => {
    const decided = decide([fill(1, "cracked"), fill(2, "a"), empty(3, "cracked")])
    assert.deepStrictEqual(
      decided.steps.filter(({ key }) => key === "cracked").map((
        { body, kind, name, stuck }
      ) => [kind, name, body, stuck]),
      [
        ["event", "kettle.Filled", { position: 1 }, "Error: it leaks"],
        ["event", "kettle.Emptied", { position: 3 }, null]
      ]
    )
    assert.deepStrictEqual(decided.steps.filter(({ key }) => key === "a").map(({ kind }) => kind), ["timer", "ask"])
    const later = decide([empty(4, "cracked"), empty(5, "a")], { parked: new Set(["cracked"]) })
    assert.deepStrictEqual(later.steps.map(({ key, kind }) => [key, kind]), [["cracked", "event"], ["a", "ask"]])
  })

  it("D2 a command it may not ask, and a key that cannot be told, are stumbled over too", () => {
    const strange = {
      ...minder,
      react: { "kettle.Emptied": () => [{ _tag: "Ask", kind: "moon", tag: "Rise", payload: {}, by: ada }] }
    }
    assert.include(decide([empty(1, "a")], {}, strange as never).steps[0]!.stuck, "may not ask moon for Rise")
    const keyless = {
      ...minder,
      key: () => {
        throw new Error("no key")
      }
    }
    assert.strictEqual(Decide.keyOf(keyless, { ...fact(1, Emptied({ kettle: "a" as never })) }), "kettle/a")
    const timeless = { ...minder, react: { "kettle.Emptied": () => [Process.setTimer("whistle", Number.NaN)] } }
    assert.include(decide([empty(1, "a")], {}, timeless as never).steps[0]!.stuck, "no time")
  })

  it("D2 a parked event that goes through ends, and one that does not stays stuck", () => {
    const parked = { id: "e1", claim: 1 }
    const through = decide([{ ...empty(1, "a"), step: parked } as Decide.Stimulus], {
      held: new Set(["e1"]),
      parked: new Set(["a"])
    })
    assert.deepStrictEqual([through.ended, through.steps.map(({ name }) => name)], [["e1"], ["Cool"]])
    const still = decide([{ ...fill(1, "cracked"), step: parked } as Decide.Stimulus], { held: new Set(["e1"]) })
    assert.deepStrictEqual([still.ended, still.stuck, still.steps], [[], [{ id: "e1", reason: "Error: it leaks" }], []])
  })

  it("D3 set and cancelled in one batch comes to what was said last", () => {
    const [moved, gone] = [decide([fill(1, "a", 500), fill(2, "a", 700)]), decide([fill(1, "a"), empty(2, "a")])]
    assert.deepStrictEqual(moved.steps.filter(({ kind }) => kind === "timer").map(({ dueAt }) => dueAt), [700])
    assert.deepStrictEqual(gone.steps.map(({ name }) => name), ["Heat", "Cool"])
    assert.deepStrictEqual(gone.cancelled, [{ key: "a", name: "whistle" }])
  })

  it("D3 a timer rings when it is still held, and not when it was moved or cancelled in the same breath", () => {
    const ring: Decide.Stimulus = { _tag: "Timer", step: step({}) }
    const held = { held: new Set([causeId(77)]) }
    const rung = decide([ring], held)
    assert.deepStrictEqual([rung.ended, rung.steps.map(({ name }) => name)], [[causeId(77)], ["Whistle"]])
    for (const quiet of [decide([ring]), decide([fill(1, "a"), ring], held), decide([empty(1, "a"), ring], held)]) {
      assert.isEmpty(quiet.ended)
      assert.notInclude(quiet.steps.map(({ name }) => name), "Whistle")
    }
  })

  it("D4 when the last reaction to something cannot be, none of it is", () => {
    const half = {
      ...minder,
      react: {
        "kettle.Emptied": () => [
          Process.remember({ fills: 9 }),
          Process.cancelTimer("whistle"),
          Process.ask(StoveAddress, "Cool", { kettle: "a" as never }, ada),
          Process.ask(StoveAddress, "Heat", { kettle: "a" as never, times: 0.5 }, ada)
        ]
      }
    }
    const decided = decide([empty(1, "a")], {}, half as never)
    assert.deepStrictEqual(decided.steps.map(({ kind }) => kind), ["event"])
    assert.isEmpty(decided.cancelled)
    assert.strictEqual(decided.memories.size, 0)
  })

  it("D4 memory goes from one event of a key to the next, and from what was kept", () => {
    const decided = decide([fill(1, "a"), fill(2, "b"), fill(3, "a")], { memories: new Map([["a", { fills: 4 }]]) })
    assert.deepStrictEqual(decided.memories, new Map([["a", { fills: 6 }], ["b", { fills: 1 }]]))
    assert.deepStrictEqual(Decide.keys(minder, [fill(1, "a"), fill(2, "b"), fill(3, "a")]), ["a", "b"])
  })
})
