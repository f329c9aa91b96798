/** In which trace a command was given. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import * as Trace from "./Trace.ts"

const [traceId, spanId] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"]
const within = (span: { readonly traceId: string; readonly spanId: string; readonly sampled?: boolean }) =>
  Effect.withParentSpan(Trace.current, Tracer.externalSpan(span))

describe("Trace", () => {
  it.effect("T1 the span of the caller, wherever it began", () =>
    Effect.gen(function*() {
      assert.isNull(yield* Trace.current)
      assert.strictEqual(yield* within({ traceId, spanId }), `00-${traceId}-${spanId}-01`)
      const inside = yield* Effect.withParentSpan(
        Effect.withSpan(Effect.all([Trace.current, Effect.currentSpan]), "inside"),
        Tracer.externalSpan({ traceId, spanId })
      )
      assert.strictEqual(inside[0], `00-${traceId}-${inside[1].spanId}-01`)
      assert.notStrictEqual(inside[1].spanId, spanId)
    }))

  it.effect("T1 nothing of a span that is not sampled, or whose ids are none", () =>
    Effect.gen(function*() {
      assert.isNull(yield* within({ traceId, spanId, sampled: false }))
      assert.isNull(yield* within({ traceId: "0".repeat(32), spanId }))
      assert.isNull(yield* within({ traceId, spanId: "x y" }))
    }))
})
