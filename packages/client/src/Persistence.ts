/**
 * Asks again what the weather stopped: a line that broke, a node that goes down, one that says it cannot serve just now.
 *
 * Asking again is safe: a command is repeated with the id it has, and so happens once; a question changes nothing; a watch is
 * asked for what it has not answered yet. Refusals and mistakes are passed on at once.
 *
 * P1  A command whose answer was lost is repeated with the same id; the first answer it gets is the caller's.
 * P2  A question is asked again, and a watch goes on, when the node is back.
 * P3  After `patience` without an answer the caller is told so by `Unavailable`, and what to do.
 * P4  A watch of a history never tells a part twice, and never leaves one out.
 * P5  A refusal is never asked again; a client that is closed asks nothing.
 */
import { Unavailable } from "@vivim/contract/Refusal"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Line } from "./Line.ts"

/** For how long, on which line, to which node. */
export interface Persistence {
  readonly line: Line
  readonly url: string
  readonly patience: Duration.Duration
}

/** How soon what failed on an open line is asked again. */
const pauseMs = 100

/** What the weather says for itself; null for an answer, a mistake, or an end the caller asked for. */
const weatherOf = (cause: Cause.Cause<any>): { readonly said: Unavailable | null } | null => {
  const error = Option.getOrNull(Cause.failureOption(cause))
  if (error !== null) {
    // A node that was asked too often says when to come again, like one that cannot serve just now.
    if (error._tag === "Unavailable" || error._tag === "TooManyRequests") return { said: error }
    return error._tag === "RpcClientError" || error._tag === "LineEnded" ? { said: null } : null
  }
  // A node that goes down interrupts what it was doing. A write to a socket that is gone dies of it.
  const isBroken = Cause.isInterruptedOnly(cause) ||
    [...Cause.defects(cause)].some((defect: any) => defect?._tag === "SocketError")
  return isBroken ? { said: null } : null
}

const away = ({ patience, url }: Persistence) =>
  new Unavailable({
    message: `The node at ${url} did not answer for ${Duration.format(patience)}: ` +
      "see that it runs and can be reached, and ask again (a command with the same id)",
    retryAfterMs: 1_000
  })

/** `silentSince` is when the node was last heard of, as far as this call knows; null: it was, since it was last asked. */
interface Call {
  silentSince: number | null
}

/** Asks until there is an answer, or patience ends. */
const persist = <A, E>(
  persistence: Persistence,
  call: Call,
  ask: Effect.Effect<A, E>
): Effect.Effect<A, E | Unavailable> =>
  Effect.flatMap(left(persistence, call), (leftMs) =>
    persistence.line.opened.pipe(
      Effect.timeoutFail({ duration: leftMs, onTimeout: () => away(persistence) }),
      Effect.matchEffect({
        onFailure: Effect.fail,
        onSuccess: () =>
          persistence.line.isGivenUp()
            ? Effect.interrupt
            : Effect.catchAllCause(ask, (cause) => {
              const weather = weatherOf(cause)
              return weather === null || persistence.line.isGivenUp()
                ? Effect.failCause(cause)
                : Effect.zipRight(
                  rest(persistence, call, weather.said),
                  Effect.suspend(() => persist(persistence, call, ask))
                )
            })
      })
    ))

/** Milliseconds of patience that are left. */
const left = ({ patience }: Persistence, call: Call): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    call.silentSince ??= now
    return call.silentSince + Duration.toMillis(patience) - now
  })

/** The pause before the next attempt, as the node asks for it; fails when there is to be none. */
const rest = (persistence: Persistence, call: Call, said: Unavailable | null): Effect.Effect<void, Unavailable> =>
  Effect.flatMap(left(persistence, call), (leftMs) => {
    const pause = said?.retryAfterMs ?? pauseMs
    return leftMs <= pause ? Effect.fail(said ?? away(persistence)) : Effect.sleep(pause)
  })

/** A call that is answered once. */
export const once = <A, E>(persistence: Persistence, ask: Effect.Effect<A, E>): Effect.Effect<A, E | Unavailable> =>
  Effect.suspend(() => persist(persistence, { silentSince: null }, ask))

/** How a watch is asked, first and again. */
export interface Watched<Asked, A, E> {
  readonly asked: Asked
  readonly ask: (asked: Asked) => Stream.Stream<A, E>
  /** What is still to be asked after an answer; null when nothing is. */
  readonly after: (asked: Asked, answer: A) => Asked | null
  /** Whether it comes to an end by itself: any other that ends was ended by a node that goes down. */
  readonly ends: (asked: Asked) => boolean
}

const lineEnded = { _tag: "LineEnded" } as const

/** A call that is answered again and again; the answers wait in a mailbox of this size. */
export const watch = <Asked, A, E>(
  persistence: Persistence,
  watched: Watched<Asked, A, E>,
  capacity: number
) =>
  Effect.gen(function*() {
    const mailbox = yield* Mailbox.make<A, E | Unavailable>(capacity)
    yield* Effect.addFinalizer(() => mailbox.shutdown)
    const call: Call = { silentSince: null }
    let asked: Asked | null = watched.asked
    const ask = Effect.suspend(() => {
      if (asked === null) return Effect.void
      const { after, ends } = watched
      const hear = (answer: A) => {
        call.silentSince = null
        if (asked !== null) asked = after(asked, answer)
        return mailbox.offer(answer)
      }
      const isDone = ends(asked)
      return Effect.zipRight(
        Stream.runForEach(watched.ask(asked), hear),
        Effect.suspend(() => isDone || asked === null ? Effect.void : Effect.fail(lineEnded))
      )
    })
    // `LineEnded` is weather, and never comes to the caller.
    const all = persist(persistence, call, ask) as Effect.Effect<void, E | Unavailable>
    yield* Effect.forkScoped(Mailbox.into(all, mailbox))
    return mailbox as Mailbox.ReadonlyMailbox<A, E | Unavailable>
  })
