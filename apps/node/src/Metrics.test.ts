/** What the node tells of itself in figures and sentences, for views in every state. */
import { NodeHealth } from "@vivim/contract/Operator"
import type { Ailing, Stop } from "@vivim/projection/View"
import type { ViewStatus } from "@vivim/projection/Views"
import { assert, describe, it } from "vitest"
import * as Health from "./Health.ts"
import * as Metrics from "./Metrics.ts"

const limits = { lagEventsMax: 1_000, lagMax: "1 minute" } as const
const stop: Stop = {
  position: 7,
  event: { stream: "document/d\"1", version: 3, type: "document.MessageAppended" },
  reason: "no root",
  since: 1
}
const ada = "did:key:zAda"
const running: ViewStatus = {
  view: "library",
  version: 2,
  position: 90,
  state: "running",
  stop: null,
  trouble: null,
  lag: 0,
  lagMs: 0,
  ailing: new Map(),
  skipped: []
}
const ailing = new Map<string, Ailing>([[ada, { state: "stopped", stop, damaged: false }]])
const told = (parts: Partial<ViewStatus>) => Health.told({ ...running, ...parts }, limits)
const wrong = (parts: Partial<ViewStatus>) => Health.wrong(told(parts))

const print = (parts: Partial<ViewStatus>) =>
  Metrics.print(
    new NodeHealth({
      version: "1",
      startedAt: 0,
      database: { kind: "embedded", version: "17", ok: true },
      log: { position: 100 },
      views: [told(parts)],
      processes: [],
      quarantined: 0,
      memoryBytes: 5,
      ready: true,
      problems: [],
      warnings: []
    }),
    { lagMs: 2 }
  )

describe("health", () => {
  it("H1 a view that stands still or trails too far makes the node not ready", () => {
    assert.deepStrictEqual(wrong({}), { problems: [], warnings: [] })
    assert.deepStrictEqual(wrong({ state: "stopped", stop }).problems, [
      "view library is stopped at position 7 (document.MessageAppended, document/d\"1@3): no root"
    ])
    assert.deepStrictEqual(wrong({ state: "waiting", trouble: "no disk" }).problems, ["view library waits: no disk"])
    assert.deepStrictEqual(wrong({ lag: 1_000, lagMs: 60_000 }).problems, [])
    assert.deepStrictEqual(wrong({ lag: 1_001, lagMs: 10 }).problems, ["view library trails by 1001 events, 0 seconds"])
    assert.deepStrictEqual(wrong({ lag: 2, lagMs: 60_001 }).problems, ["view library trails by 2 events, 60 seconds"])
  })

  it("H1 one user's file that stands still does not, and is told", () => {
    assert.deepStrictEqual(wrong({ ailing }), {
      problems: [],
      warnings: [`view library of ${ada} is stopped at position 7 (document.MessageAppended, document/d"1@3): no root`]
    })
    const crowd = new Map(Array.from({ length: 250 }, (_, n) => [`did:key:z${n}`, ailing.get(ada)!] as const))
    assert.lengthOf(told({ ailing: crowd }).users, 100)
    assert.strictEqual(told({ ailing: crowd }).usersBehind, 250)
  })
})

describe("health of who is not here", () => {
  it("H2 files that wait for their owners' keys are no fault", () => {
    const locked = new Map([[ada, { ...ailing.get(ada)!, state: "locked" as const }]])
    assert.deepStrictEqual(wrong({ ailing: locked }), { problems: [], warnings: [] })
    assert.strictEqual(told({ ailing: locked }).usersBehind, 0)
  })
})

describe("metrics", () => {
  it("M1 every view tells how far it is, how far it trails, and where it stopped", () => {
    const text = print({ state: "stopped", stop, lag: 10, lagMs: 1_500, skipped: [3, 4] })
    for (
      const line of [
        "vivim_view_position{view=\"library\",version=\"2\"} 90",
        "vivim_view_lag{view=\"library\"} 10",
        "vivim_view_lag_seconds{view=\"library\"} 1.5",
        "vivim_view_state{view=\"library\",state=\"stopped\"} 1",
        "vivim_view_state{view=\"library\",state=\"running\"} 0",
        "vivim_view_failing{view=\"library\"} 1",
        "vivim_view_stopped_at{view=\"library\",stream=\"document/d\\\"1\",version=\"3\",type=\"document.MessageAppended\"} 7",
        "vivim_view_skipped_events{view=\"library\"} 2"
      ]
    ) assert.include(text.split("\n"), line)
    assert.notInclude(print({}), "vivim_view_stopped_at{")
    // Every line is a comment or a sample, and every sample has its help.
    for (const line of text.trimEnd().split("\n")) assert.match(line, /^(#|[a-z_]+(\{.*\})? -?[0-9.]+$)/)
  })

  it("M2 no user is named", () => {
    const text = print({ ailing })
    assert.include(text, "vivim_view_users_behind{view=\"library\"} 1")
    assert.notInclude(text, "did:key")
  })
})
