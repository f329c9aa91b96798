/**
 * In which trace a command was given, as W3C Trace Context has it (`traceparent`, level 1), so that its events can be found from there.
 *
 * T1  The span the caller is in, if it is in one and that is sampled; also where a proxy or a client began the trace.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/** What is no id by the standard is not written down: it could not be read back. */
const [traceForm, spanForm] = [/^(?!0+$)[0-9a-f]{32}$/, /^(?!0+$)[0-9a-f]{16}$/]

/** The header a message carries it in. */
export const header = "traceparent"

export const current: Effect.Effect<string | null> = Effect.withFiberRuntime((fiber) => {
  const span = Context.getOrElse(fiber.currentContext, Tracer.ParentSpan, () => null)
  return Effect.succeed(
    span !== null && span.sampled && traceForm.test(span.traceId) && spanForm.test(span.spanId)
      ? `00-${span.traceId}-${span.spanId}-01`
      : null
  )
})
