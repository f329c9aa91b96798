/** Whether the node is alive, whether it can serve, and its figures: `/healthz`, `/readyz`, `/metrics` (Prometheus text 0.0.4). */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { Health } from "./Health.ts"
import * as Metrics from "./Metrics.ts"

export const layer = HttpLayerRouter.use((router) =>
  Effect.gen(function*() {
    const health = yield* Health
    yield* router.add(
      "GET",
      "/healthz",
      Effect.map(
        health.hangs,
        (hangs) => hangs ? HttpServerResponse.text("hangs\n", { status: 503 }) : HttpServerResponse.text("alive\n")
      )
    )
    yield* router.add(
      "GET",
      "/readyz",
      Effect.map(health.read, ({ problems, ready, warnings }) =>
        // Whose files they are is for the operator; whoever may ask here is told how many.
        HttpServerResponse.unsafeJson({ ready, problems, warnings: warnings.length }, { status: ready ? 200 : 503 }))
    )
    yield* router.add(
      "GET",
      "/metrics",
      Effect.map(health.read, (now) =>
        HttpServerResponse.text(Metrics.print(now, { lagMs: health.loopLagMs() }), {
          contentType: "text/plain; version=0.0.4"
        }))
    )
  })
)
