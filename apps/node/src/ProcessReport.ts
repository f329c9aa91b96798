/**
 * What is told of a process: in the node's health, in its metrics, and by the doctor.
 *
 * X6  A process that stopped or that has stuck steps is told, with what to do; one that is refused or busy is not wrong.
 */
import type { ProcessHealth } from "@vivim/contract/Process"
import type { ProcessStatus } from "@vivim/process/Processes"
import { type Finding, ok, warn } from "./DoctorFinding.ts"

export const told = (
  { ended, failure, lag, position, process, refused, stuck, timers, version, waiting }: ProcessStatus
): ProcessHealth => ({ process, version, position, lag, waiting, timers, stuck, ended, refused, failure })

/** What is wrong with it, for the node's warnings: it serves all the same. */
export const warnings = ({ failure, process, stuck }: ProcessHealth): ReadonlyArray<string> => [
  ...failure === null ? [] : [`process ${process} is stopped: ${failure}`],
  ...stuck === 0 ? [] : [`process ${process} has ${stuck} stuck ${stuck === 1 ? "step" : "steps"}`]
]

const figures = [
  ["lag", "gauge", "Events a process has not decided on yet.", "lag"],
  ["waiting", "gauge", "Commands a process has decided on and has no answer to.", "waiting"],
  ["timers", "gauge", "Timers a process has set.", "timers"],
  ["stuck", "gauge", "Steps of a process that wait for an operator.", "stuck"],
  ["ended_total", "counter", "Steps a process has carried out.", "ended"],
  ["refused_total", "counter", "Commands of a process that were refused.", "refused"]
] as const

type Metric = readonly [
  string,
  "gauge" | "counter",
  string,
  ReadonlyArray<readonly [{ readonly process: string }, number]>
]

/** Name, type, help and samples of each. */
export const metrics = (processes: ReadonlyArray<ProcessHealth>): ReadonlyArray<Metric> => [
  ...figures.map(([name, type, help, figure]): Metric => [
    `vivim_process_${name}`,
    type,
    help,
    processes.map((process) => [{ process: process.process }, process[figure]])
  ]),
  [
    "vivim_process_failing",
    "gauge",
    "1 while a process is stopped by a failure.",
    processes.map(({ failure, process }) => [{ process }, failure === null ? 0 : 1])
  ]
]

export const finding = ({ failure, lag, process, stuck, timers, waiting }: ProcessHealth): Finding => {
  const check = `process ${process}`
  if (failure !== null) {
    return warn(check, `It is stopped: ${failure}.`, "It tries again by itself; see to what it says.")
  }
  if (stuck > 0) {
    return warn(
      check,
      `${stuck} of its steps ${stuck === 1 ? "is" : "are"} stuck.`,
      "See them: vivim processes; then: vivim processes retry, or drop."
    )
  }
  return ok(check, `${lag} events behind, ${waiting} commands under way, ${timers} timers set.`)
}
