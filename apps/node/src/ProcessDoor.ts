/** The operator's hand on the processes: how each is, what is stuck, and what to do about it. */
import { NoSuchProcess, NoSuchStep, ProcessViews } from "@vivim/contract/Process"
import { SessionGuard } from "@vivim/contract/Session"
import { Processes } from "@vivim/process/Processes"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import * as ProcessReport from "./ProcessReport.ts"

const Doors = ProcessViews.middleware(SessionGuard)

export const handlers = Doors.toLayer(Effect.map(Processes, (processes) => {
  const onStep = (doing: string, act: typeof processes.retry) => (asked: { process: string; step: string }) =>
    weatherproof(
      doing,
      Effect.flatMap(
        act(asked.process, asked.step),
        (found) => found ? Effect.succeed(asked) : Effect.fail(new NoSuchStep(asked))
      ),
      ["NoSuchStep"]
    )
  return {
    ReadProcesses: () =>
      weatherproof(
        "read the processes",
        Effect.all({
          processes: Effect.map(processes.status, (all) => all.map(ProcessReport.told)),
          stuck: Effect.map(processes.stuck, (all) => all.map(({ id, ...stuck }) => ({ ...stuck, step: id })))
        })
      ),
    ReadRefusals: ({ process }) =>
      processes.names.includes(process)
        ? weatherproof(
          "read the refusals",
          Effect.map(processes.refusals(process), (all) => all.map(({ id, ...refused }) => ({ ...refused, step: id })))
        )
        : Effect.fail(new NoSuchProcess({ process, known: [...processes.names] })),
    RetryStep: onStep("retry the step", processes.retry),
    DropStep: onStep("drop the step", processes.drop)
  }
}))
