/**
 * The line to the node over one WebSocket: the only place of the client where Effect runs, loaded after the first paint.
 *
 * A watch that loses the node is opened again when the node is back; a command is repeated with the same id;
 * a question is asked again. A refusal is final.
 */
import * as Socket from "@effect/platform/Socket"
import { VivimClient } from "@vivim/client/VivimClient"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type Line, type Link, type Refusal, Refused } from "./Calls.ts"

/** How the line is, and who waits for it to be open. */
const makeLine = (line: Line) => {
  let isOpen = false
  const waiting = new Set<() => void>()
  const constructor: (url: string, protocols?: string | Array<string>) => WebSocket = (url, protocols) => {
    const socket = new WebSocket(url, protocols)
    socket.addEventListener("open", () => {
      isOpen = true
      line.onConnection("open")
      for (const resume of waiting) resume()
      waiting.clear()
    })
    socket.addEventListener("close", () => {
      isOpen = false
      line.onConnection("lost")
    })
    return socket
  }
  const opened = Effect.async<void>((resume) => {
    const done = () => resume(Effect.void)
    if (isOpen) return done()
    waiting.add(done)
    return Effect.sync(() => waiting.delete(done))
  })
  return { constructor, opened }
}

/** What went wrong, as far as the screens are concerned: a refusal, or weather that passes. */
const refusalOf = (cause: Cause.Cause<unknown>): Refusal | undefined => {
  const failure = Option.getOrUndefined(Cause.failureOption(cause)) as Refusal | undefined
  if (failure !== undefined) {
    return failure._tag === "RpcClientError" || failure._tag === "Unavailable" ? undefined : failure
  }
  // An interruption from the other side is a node that goes down; a defect is a mistake of ours or the node's.
  if (Cause.isInterruptedOnly(cause)) return undefined
  return { _tag: "Mistake", message: String(Cause.squash(cause)) }
}

/** Repeats what the weather stopped, once the line is open again; what is refused is thrown. */
const persistently = <A>(
  opened: Effect.Effect<void>,
  call: Effect.Effect<A, unknown, VivimClient>
): Effect.Effect<A, Refused, VivimClient> =>
  call.pipe(Effect.catchAllCause((cause) => {
    const refusal = refusalOf(cause)
    if (refusal !== undefined) return Effect.fail(new Refused(refusal))
    return Effect.sleep("120 millis").pipe(
      Effect.zipRight(opened),
      Effect.zipRight(Effect.suspend(() => persistently(opened, call)))
    )
  }))

type AnyCall = (payload: unknown) => Effect.Effect<never, unknown>
type AnyWatch = (payload: unknown) => Stream.Stream<never, unknown>

export const connect = (line: Line): Link => {
  const { constructor, opened } = makeLine(line)
  const runtime = ManagedRuntime.make(
    VivimClient.layer({ url: line.url, token: Redacted.make(line.token) }).pipe(
      Layer.provide(Layer.succeed(Socket.WebSocketConstructor, constructor))
    )
  )
  /** The calls of the client by name: what each takes and gives was checked where `Link` was typed. */
  const call = <F>(tag: string): Effect.Effect<F, never, VivimClient> =>
    Effect.map(VivimClient, (client) => (client as unknown as Record<string, F>)[tag] as F)
  const once = (tag: string, payload: unknown) =>
    persistently(opened, Effect.flatMap(call<AnyCall>(tag), (ask) => ask(payload)))
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
      ).pipe(
        // A watch has no end: one that ends was ended by a node that goes down.
        Effect.zipRight(Effect.interrupt)
      )
      const fiber = runtime.runFork(
        Effect.catchAll(persistently(opened, watching), ({ refusal }) => Effect.sync(() => on.refused(refusal)))
      )
      return () => void runtime.runFork(Fiber.interruptFork(fiber))
    },
    ask: (tag, payload, signal) => promise(once(tag, payload), signal),
    command: (tag, payload) =>
      promise(Effect.flatMap(CommandIds.next, (commandId) => once(tag, { ...payload, commandId }))),
    close: () => void runtime.dispose()
  }
}
