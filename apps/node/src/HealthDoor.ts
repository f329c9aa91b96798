/** Whether the node is alive, whether it can serve, and its figures: `/healthz`, `/readyz`, `/metrics` (Prometheus text 0.0.4). */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { NodeHealth } from "@vivim/contract/Operator"
import * as Effect from "effect/Effect"
import { Health } from "./Health.ts"

const label = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("\n", "\\n")

/** One metric: its help line, its type and its samples. */
const metric = (
  name: string,
  type: "gauge" | "counter",
  help: string,
  samples: ReadonlyArray<readonly [string, number]>
) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(([labels, value]) => `${name}${labels} ${value}`)
]

const print = (health: NodeHealth, now: { readonly lagMs: number }): string =>
  [
    metric("vivim_info", "gauge", "The node.", [[
      `{version="${label(health.version)}",database="${
        label(health.database.version)
      }",kind="${health.database.kind}"}`,
      1
    ]]),
    metric("vivim_ready", "gauge", "1 when the node can serve.", [["", health.ready ? 1 : 0]]),
    metric("vivim_log_position", "counter", "Events in the log.", [["", health.log.position]]),
    metric(
      "vivim_view_position",
      "gauge",
      "Events a view has seen.",
      health.views.map((view) => [`{view="${view.view}",version="${view.version}"}`, view.position] as const)
    ),
    metric(
      "vivim_view_lag",
      "gauge",
      "Events a view has not seen yet.",
      health.views.map((view) => [`{view="${view.view}"}`, view.lag] as const)
    ),
    metric(
      "vivim_view_failing",
      "gauge",
      "1 while a view is stopped by a failure.",
      health.views.map((view) => [`{view="${view.view}"}`, view.failure === null ? 0 : 1] as const)
    ),
    metric("process_resident_memory_bytes", "gauge", "Resident memory of the node's process.", [[
      "",
      health.memoryBytes
    ]]),
    metric("vivim_event_loop_lag_seconds", "gauge", "How late the last timer was.", [["", now.lagMs / 1_000]])
  ].flat().join("\n") + "\n"

export const layer = HttpLayerRouter.use((router) =>
  Effect.gen(function*() {
    const health = yield* Health
    yield* router.add("GET", "/healthz", HttpServerResponse.text("alive\n"))
    yield* router.add(
      "GET",
      "/readyz",
      Effect.map(health.read, ({ problems, ready }) =>
        HttpServerResponse.unsafeJson({ ready, problems }, { status: ready ? 200 : 503 }))
    )
    yield* router.add(
      "GET",
      "/metrics",
      Effect.map(health.read, (now) =>
        HttpServerResponse.text(print(now, { lagMs: health.loopLagMs() }), {
          contentType: "text/plain; version=0.0.4"
        }))
    )
  })
)
