/**
 * The node's figures as Prometheus reads them (text format 0.0.4).
 *
 * M1  Every view tells its position, its lag in events and seconds, its state and, where it stopped, at which event.
 * M2  No user is named.
 */
import type { NodeHealth } from "@vivim/contract/Operator"
import * as ProcessReport from "./ProcessReport.ts"

const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("\n", "\\n")

type Labels = Readonly<Record<string, string | number | null>>
type Sample = readonly [Labels, number]

const labels = (given: Labels) => {
  const written = Object.entries(given).map(([name, value]) => `${name}="${escaped(String(value ?? ""))}"`)
  return written.length === 0 ? "" : `{${written.join(",")}}`
}

/** One metric: its help line, its type and its samples. */
const metric = (name: string, type: "gauge" | "counter", help: string, samples: ReadonlyArray<Sample>) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(([given, value]) => `${name}${labels(given)} ${value}`)
]

const states = ["building", "running", "waiting", "stopped"] as const

const ofViews = (views: NodeHealth["views"]) => {
  const each = (sample: (view: NodeHealth["views"][number]) => ReadonlyArray<Sample>) => views.flatMap(sample)
  return [
    metric(
      "vivim_view_position",
      "gauge",
      "Events a view has seen.",
      each(({ position, version, view }) => [[{ view, version }, position]])
    ),
    metric(
      "vivim_view_lag",
      "gauge",
      "Events a view has not seen yet.",
      each(({ lag, view }) => [[{ view }, lag]])
    ),
    metric(
      "vivim_view_lag_seconds",
      "gauge",
      "How long the oldest event a view has not seen has been in the log.",
      each(({ lagMs, view }) => [[{ view }, lagMs / 1_000]])
    ),
    metric(
      "vivim_view_state",
      "gauge",
      "1 for the state a view is in.",
      each(({ state, view }) => states.map((one): Sample => [{ view, state: one }, one === state ? 1 : 0]))
    ),
    metric(
      "vivim_view_failing",
      "gauge",
      "1 while a view stands still or cannot go on just now.",
      each(({ state, view }) => [[{ view }, state === "stopped" || state === "waiting" ? 1 : 0]])
    ),
    metric(
      "vivim_view_stopped_at",
      "gauge",
      "Position of the event a view stopped at.",
      each(({ stop, view }) =>
        stop === null
          ? []
          : [[{ view, stream: stop.stream, version: stop.version, type: stop.type }, stop.position]]
      )
    ),
    metric(
      "vivim_view_users_behind",
      "gauge",
      "Users whose own file of a view does not keep up.",
      each(({ usersBehind, view }) => [[{ view }, usersBehind]])
    ),
    metric(
      "vivim_view_skipped_events",
      "gauge",
      "Events an operator has a view pass over.",
      each(({ skipped, view }) => [[{ view }, skipped.length]])
    )
  ]
}

const ofCluster = (cluster: NodeHealth["cluster"]) => {
  if (cluster === null) return []
  const { runners, self } = cluster
  const each = (figure: (runner: (typeof runners)[number]) => number) =>
    runners.map((runner): Sample => [
      { runner: runner.address, self: String(runner.address === self) },
      figure(runner)
    ])
  return [
    metric("vivim_runner_shards", "gauge", "Shards of the actors a process of the node holds.", each((r) => r.shards)),
    metric(
      "vivim_runner_at_work",
      "gauge",
      "1 while a process of the node is heard of.",
      each((r) => r.atWork ? 1 : 0)
    ),
    metric(
      "vivim_runner_silent_seconds",
      "gauge",
      "How long a process of the node has not been heard of.",
      each((r) => r.silentMs / 1_000)
    )
  ]
}

export const print = (health: NodeHealth, loop: { readonly lagMs: number }): string =>
  [
    metric("vivim_info", "gauge", "The node.", [[{
      version: health.version,
      database: health.database.version,
      kind: health.database.kind
    }, 1]]),
    metric("vivim_ready", "gauge", "1 when the node can serve.", [[{}, health.ready ? 1 : 0]]),
    metric("vivim_log_position", "counter", "Events in the log.", [[{}, health.log.position]]),
    ...ofViews(health.views),
    ...ofCluster(health.cluster),
    ...ProcessReport.metrics(health.processes).map((one) => metric(...one)),
    metric("vivim_actors_quarantined", "gauge", "Actors that stand still before an event they cannot fold.", [[
      {},
      health.quarantined
    ]]),
    metric("process_resident_memory_bytes", "gauge", "Resident memory of the node's process.", [[
      {},
      health.memoryBytes
    ]]),
    metric("vivim_event_loop_lag_seconds", "gauge", "How late the last timer was.", [[{}, loop.lagMs / 1_000]])
  ].flat().join("\n") + "\n"
