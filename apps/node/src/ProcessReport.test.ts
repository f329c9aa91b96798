/** What is told of processes. */
import type { ProcessHealth } from "@vivim/contract/Process"
import { assert, describe, it } from "vitest"
import * as ProcessReport from "./ProcessReport.ts"

const process = (parts: Partial<ProcessHealth> = {}): ProcessHealth => ({
  process: "trash",
  version: 1,
  position: 40,
  lag: 2,
  waiting: 3,
  timers: 5,
  stuck: 0,
  ended: 7,
  refused: 1,
  failure: null,
  ...parts
})

describe("ProcessReport", () => {
  it("X6 a process that stopped or has stuck steps is told with what to do; a busy one is not wrong", () => {
    assert.deepInclude(ProcessReport.finding(process()), {
      check: "process trash",
      state: "ok",
      says: "2 events behind, 3 commands under way, 5 timers set.",
      todo: null
    })
    assert.deepStrictEqual(ProcessReport.warnings(process()), [])
    const stuck = process({ stuck: 2 })
    assert.deepInclude(ProcessReport.finding(stuck), { state: "warn", says: "2 of its steps are stuck." })
    assert.include(ProcessReport.finding(stuck).todo, "vivim processes retry")
    assert.deepStrictEqual(ProcessReport.warnings(process({ stuck: 1 })), ["process trash has 1 stuck step"])
    const stopped = process({ failure: "ProcessStoreError: gone" })
    assert.deepInclude(ProcessReport.finding(stopped), {
      state: "warn",
      says: "It is stopped: ProcessStoreError: gone."
    })
    assert.deepStrictEqual(ProcessReport.warnings(stopped), ["process trash is stopped: ProcessStoreError: gone"])
  })

  it("X6 every figure is a metric of its own, and a failure is one too", () => {
    const samples = (of: ProcessHealth) =>
      Object.fromEntries(ProcessReport.metrics([of]).map(([name, , , [[, value]]]: any) => [name, value]))
    const calm = {
      vivim_process_lag: 2,
      vivim_process_waiting: 3,
      vivim_process_timers: 5,
      vivim_process_stuck: 0,
      vivim_process_ended_total: 7,
      vivim_process_refused_total: 1,
      vivim_process_failing: 0
    }
    assert.deepStrictEqual(samples(process()), calm)
    assert.deepStrictEqual(samples(process({ failure: "gone", stuck: 4 })), {
      ...calm,
      vivim_process_stuck: 4,
      vivim_process_failing: 1
    })
  })
})
