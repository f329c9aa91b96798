/** The operator's hand on the processes: how each is, what is stuck, and what to do about it. */
import * as ActorHost from "@vivim/actor/ActorHost"
import { NoSuchProcess, NoSuchStep, ProcessAddress, ProcessViews } from "@vivim/contract/Process"
import { NothingToChange } from "@vivim/contract/Refusal"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import { Processes } from "@vivim/process/Processes"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import * as ProcessReport from "./ProcessReport.ts"

const Doors = ProcessViews.middleware(SessionGuard)

export const handlers = Doors.toLayer(Effect.gen(function*() {
  const processes = yield* Processes
  const ask = yield* ActorHost.client(ProcessAddress)
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
    RetryStep: (asked) =>
      weatherproof(
        "retry the step",
        Effect.flatMap(
          processes.retry(asked.process, asked.step),
          (found) => found ? Effect.succeed(asked) : Effect.fail(new NoSuchStep(asked))
        ),
        ["NoSuchStep"]
      ),
    DropStep: (command) =>
      weatherproof(
        "drop the step",
        Effect.gen(function*() {
          const { device, userId } = yield* CurrentSession
          const { process, step } = command
          const recorded = yield* processes.drop(process, step, ({ key, kind, name }) =>
            ask("GiveUpStep", { ...command, key, kind, name }, { by: userId, device }).pipe(
              // Recorded before, by somebody who could not see it gone: it goes now.
              Effect.catchTag("NothingToChange", (already) =>
                Effect.succeed(already))
            ))
          if (recorded === null) {
            return yield* new NoSuchStep({ process, step })
          }
          return recorded instanceof NothingToChange ? yield* recorded : recorded
        }),
        ["NoSuchStep", "NothingToChange", "NotAllowed", "LimitExceeded", "Unavailable"]
      )
  }
}))
