/**
 * The line to the node over one WebSocket: the only place of the client where Effect runs, loaded after the first paint.
 *
 * While the node is away the client waits for it, however long, and asks again what was under way. A refusal is final.
 */
import * as Socket from "@effect/platform/Socket"
import { VivimClient } from "@vivim/client/VivimClient"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type Line, type Link, type Refusal, Refused } from "./Calls.ts"

/** What went wrong, as far as the screens are concerned: a refusal, a mistake, or nothing when the line was closed. */
const refusalOf = (cause: Cause.Cause<unknown>): Refusal | null => {
  const failure = Option.getOrUndefined(Cause.failureOption(cause)) as Refusal | undefined
  if (failure !== undefined) return failure
  // A defect is a mistake of ours or the node's.
  return Cause.isInterruptedOnly(cause) ? null : { _tag: "Mistake", message: String(Cause.squash(cause)) }
}

/** What is refused is thrown; of a line that was closed nobody hears any more. */
const orRefused = <A, R>(call: Effect.Effect<A, unknown, R>): Effect.Effect<A, Refused, R> =>
  Effect.catchAllCause(call, (cause) => {
    const refusal = refusalOf(cause)
    return refusal === null ? Effect.never : Effect.fail(new Refused(refusal))
  })

type AnyCall = (payload: unknown) => Effect.Effect<never, unknown>
type AnyWatch = (payload: unknown) => Stream.Stream<never, unknown>

export const connect = (line: Line): Link => {
  const { as, onConnection, url } = line
  const runtime = ManagedRuntime.make(
    VivimClient.layer({
      url,
      ...typeof as === "string" ? { token: Redacted.make(as) } : { session: as },
      onConnection,
      patience: Duration.infinity
    }).pipe(
      Layer.provide(Socket.layerWebSocketConstructorGlobal)
    )
  )
  /** The calls of the client by name: what each takes and gives was checked where `Link` was typed. */
  const call = <F>(tag: string): Effect.Effect<F, never, VivimClient> =>
    Effect.map(VivimClient, (client) => (client as unknown as Record<string, F>)[tag] as F)
  const once = (tag: string, payload: unknown) => orRefused(Effect.flatMap(call<AnyCall>(tag), (ask) => ask(payload)))
  /** Rejections are refusals as they are, not wrapped in the story of the fiber. */
  const promise = <A>(effect: Effect.Effect<A, Refused, VivimClient>, signal?: AbortSignal): Promise<A> =>
    runtime.runPromise(Effect.either(effect), signal === undefined ? {} : { signal }).then((outcome) => {
      if (outcome._tag === "Left") throw outcome.left
      return outcome.right
    })

  return {
    watch: (tag, payload, on) => {
      const watching = Effect.flatMap(
        call<AnyWatch>(tag),
        (open) => Stream.runForEach(open(payload), (answer) => Effect.sync(() => on.answer(answer)))
      )
      const fiber = runtime.runFork(
        Effect.catchAll(orRefused(watching), ({ refusal }) => Effect.sync(() => on.refused(refusal)))
      )
      return () => void runtime.runFork(Fiber.interruptFork(fiber))
    },
    ask: (tag, payload, signal) => promise(once(tag, payload), signal),
    command: (tag, payload) =>
      promise(Effect.flatMap(CommandIds.next, (commandId) => once(tag, { ...payload, commandId }))),
    close: () => void runtime.dispose()
  }
}
