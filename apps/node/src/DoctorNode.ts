/**
 * Looks at the node itself: whether it runs, and how it is.
 *
 * X4  A node that cannot serve, or a view that failed or trails, is told, with what it says of itself.
 * X5  A port that something else holds is told from a node that does not run.
 */
import type { NodeHealth } from "@vivim/contract/Operator"
import * as Effect from "effect/Effect"
import { createServer } from "node:net"
import type { NodeConfig } from "../../../effect.config.ts"
import { fail, type Finding, ok, warn } from "./DoctorFinding.ts"
import { version } from "./Version.ts"

/** Events a view may trail before it is worth a word, and before the node calls itself not ready. */
const lagMax = { calm: 100, ready: 10_000 }
/** How late a timer may have been. */
const loopLagMsMax = 1_000

/** What a running node says of itself; `loopLagMs` is the worst since it started, null when it does not tell. */
export const running = (health: NodeHealth, loopLagMs: number | null): ReadonlyArray<Finding> => [
  health.ready
    ? ok("node", `The node runs (version ${health.version}) and can serve.`)
    : fail(
      "node",
      `The node runs, but cannot serve: ${health.problems.join("; ")}.`,
      "See what its log says; `vivim doctor` again in a minute."
    ),
  ...health.version === version
    ? []
    : [
      warn(
        "version",
        `The node runs version ${health.version}, and this is ${version}.`,
        "Start the node again after an update."
      )
    ],
  health.database.ok
    ? ok("log", `${health.log.position} events, on PostgreSQL ${health.database.version} (${health.database.kind}).`)
    : fail("log", "The database does not answer the node.", "See whether PostgreSQL is up, and its log."),
  ...health.views.map(view),
  ok("memory", `${Math.round(health.memoryBytes / 1024 ** 2)} MiB are resident.`),
  ...loopLagMs === null ? [] : [
    loopLagMs > loopLagMsMax
      ? warn(
        "event loop",
        `It was once ${Math.round(loopLagMs)} ms late.`,
        "Give the node more processor, or see what else runs on the machine."
      )
      : ok("event loop", `At most ${Math.round(loopLagMs)} ms late so far.`)
  ]
]

const view = ({ failure, lag, position, version, view }: NodeHealth["views"][number]): Finding => {
  const check = `view ${view}`
  if (failure !== null) {
    return fail(
      check,
      `It is stopped ${failure}.`,
      `It is tried again by itself; if it stays so, run: vivim rebuild ${view}`
    )
  }
  const says = `Version ${version}, at position ${position}, ${lag === 0 ? "up to date" : `${lag} events behind`}.`
  if (lag > lagMax.ready) return fail(check, says, "Wait until it has caught up; the node serves then.")
  return lag > lagMax.calm ? warn(check, says, "It catches up by itself.") : ok(check, says)
}

/** No node answers: whether one could listen there. */
export const notRunning = ({ host, port }: NodeConfig["node"]): Effect.Effect<Finding> =>
  Effect.async<Finding>((resume) => {
    const probe = createServer()
    const found = (finding: Finding) => resume(Effect.succeed(finding))
    probe.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (code === "EADDRINUSE") {
        found(
          fail(
            "node",
            `No node answers, and something else listens on port ${port}.`,
            "Stop it, or give VIVIM_PORT another port."
          )
        )
      } else if (code === "EACCES") {
        found(fail("node", `This user may not listen on port ${port}.`, "Give VIVIM_PORT one above 1023."))
      } else {found(
          fail(
            "node",
            `A node could not listen on ${host}:${port} (${code}).`,
            "Give VIVIM_HOST an address of this machine."
          )
        )}
    })
    probe.listen(port, host, () => probe.close(() => found(ok("node", `No node runs; port ${port} is free.`))))
  })
