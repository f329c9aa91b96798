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
import * as ClusterReport from "./ClusterReport.ts"
import { fail, type Finding, ok, warn } from "./DoctorFinding.ts"
import * as ProcessReport from "./ProcessReport.ts"
import { version } from "./Version.ts"

/** Events a view may trail before it is worth a word. */
const lagCalmMax = 100
/** Users whose files do not keep up are told one by one up to so many. */
const usersMax = 10
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
  ...health.cluster === null ? [] : ClusterReport.findings(health.cluster),
  ...health.views.flatMap(view),
  ...health.processes.map(ProcessReport.finding),
  ...health.quarantined === 0 ? [] : [
    warn(
      "actors",
      `${health.quarantined} stand still before an event they cannot fold.`,
      "See which and why: vivim quarantine"
    )
  ],
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

type View = NodeHealth["views"][number]

const place = ({ position, reason, stream, type, version }: NonNullable<View["stop"]>) =>
  `at position ${position}${stream === null ? "" : `, ${type} in ${stream} at version ${version}`}: ${reason}`

const view = (view: View): ReadonlyArray<Finding> => [itself(view), ...ofUsers(view)]

const itself = ({ lag, lagMs, late, position, state, stop, trouble, version, view }: View): Finding => {
  const check = `view ${view}`
  if (state === "stopped" && stop !== null) {
    const skip = `vivim views skip ${view} --position ${stop.position} --reason …`
    return fail(
      check,
      `It is stopped ${place(stop)}.`,
      `When that is mended: vivim views resume ${view}; else: ${skip}`
    )
  }
  if (state === "waiting") {
    return fail(check, `It cannot go on just now: ${trouble}.`, "It tries again by itself; see to what it says.")
  }
  const behind = `${lag} events behind, for ${Math.round(lagMs / 1_000)} seconds`
  const says = `Version ${version}, at position ${position}, ${lag === 0 ? "up to date" : behind}.`
  if (late) return fail(check, says, "Wait until it has caught up; the node is ready then.")
  return lag > lagCalmMax ? warn(check, says, "It catches up by itself.") : ok(check, says)
}

const ofUsers = ({ users, usersBehind, view }: View): ReadonlyArray<Finding> => [
  ...users.slice(0, usersMax).map(({ state, stop, user }) =>
    warn(
      `view ${view}`,
      `The file of ${user} is ${state === "stopped" ? "stopped" : "being mended"} ${place(stop)}.`,
      state === "stopped"
        ? `When that is mended: vivim views resume ${view} --user ${user}`
        : "It comes back by itself; see again in a minute."
    )
  ),
  ...usersBehind > usersMax
    ? [warn(`view ${view}`, `${usersBehind} users' files do not keep up.`, "See all of them: vivim views")]
    : []
]

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
