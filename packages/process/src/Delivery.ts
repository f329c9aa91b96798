/**
 * Carries one step out: asks its command, lets its timer ring, reads its event again. What comes of it is for the process to hear,
 * or, where the weather was bad, for a later attempt.
 *
 * C1  A refusal is an answer, told to the process; anything else that fails is weather, and tried again.
 * C2  A command is given up for this time when no answer comes within the time a claim holds.
 * C3  Attempts come at growing intervals, bounded in length and number; after the last the step is stuck, with the reason.
 * C4  A command to someone whose vault is locked waits for the unlocking, and that is no failed attempt.
 */
import type { Unavailable } from "@vivim/contract/Refusal"
import type { Did } from "@vivim/event-schemas/ids"
import type { Causes } from "@vivim/event-schemas/Meta"
import type { EventStore } from "@vivim/event-store/EventStore"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type AskBody, decodeAsk, type Stimulus } from "./Decide.ts"
import type * as Process from "./Process.ts"
import * as Recognise from "./Recognise.ts"
import type { Postponed, Step } from "./Step.ts"

/** Speaks to actors of one kind. */
export type Ask = (
  tag: any,
  payload: any,
  identity: { readonly by: Did; readonly device: null; readonly causes?: Causes | undefined }
) => Effect.Effect<unknown, any>

/** How patient a process is. */
export interface Limits {
  /** Steps carried out at the same time. */
  readonly inFlightMax: number
  /** How often a step is tried before it is stuck. */
  readonly attemptsMax: number
  /** How long a command may take. */
  readonly askMax: Duration.DurationInput
  /** The longest pause between two attempts. */
  readonly retryMax: Duration.DurationInput
}

/** What steps are carried out with. */
export interface Means {
  readonly process: Process.Any
  readonly eventStore: Context.Tag.Service<EventStore>
  /** By kind of actor. */
  readonly ask: Readonly<Record<string, Ask>>
  readonly limits: Limits
}

/** No answer: why, and how soon another attempt makes sense. */
export interface Weather {
  readonly _tag: "Weather"
  readonly step: Step
  readonly reason: string
  readonly pauseMs: number
  /** Whose keys are not here: it is tried again when they come, however often that takes. */
  readonly lockedBy?: string
}

export type Outcome = Stimulus | Weather

export const carryOut = (means: Means, step: Step): Effect.Effect<Outcome> => {
  switch (step.kind) {
    case "timer":
      return Effect.succeed({ _tag: "Timer", step })
    case "event":
      return again(means, step)
    case "ask":
      return command(means, step)
  }
}

const command = ({ ask, limits, process }: Means, step: Step): Effect.Effect<Outcome> =>
  Effect.suspend(() => {
    const { by, causes, kind, payload } = step.body as AskBody
    const speak = ask[kind]
    if (speak === undefined) return Effect.dieMessage(`this node has no ${kind} to ask`)
    return speak(step.name, decodeAsk(process, kind, step.name, payload), { by: by as Did, device: null, causes })
  }).pipe(
    Effect.timeoutFail({
      duration: limits.askMax,
      onTimeout: () => ({ _tag: "Unavailable", message: "no answer in time", retryAfterMs: 0 })
    }),
    Effect.matchCauseEffect({
      onSuccess: () => Effect.succeed<Outcome>({ _tag: "Answered", step }),
      onFailure: (cause): Effect.Effect<Outcome> => {
        const failure = Option.getOrNull(Cause.failureOption(cause))
        if (failure?._tag === "VaultLocked") return Effect.succeed(locked(step))
        if (typeof failure?._tag === "string" && failure._tag !== "Unavailable") {
          return Effect.succeed({ _tag: "Refused", step, refusal: failure })
        }
        return Effect.succeed(weather(step, cause, failure))
      }
    })
  )

const weather = (step: Step, cause: Cause.Cause<unknown>, unavailable?: Unavailable | null): Weather => ({
  _tag: "Weather",
  step,
  reason: unavailable?.message ?? Cause.pretty(cause).split("\n", 1)[0] ?? "",
  pauseMs: unavailable?.retryAfterMs ?? 0
})

/** Why a step of someone whose keys are not here waits. */
export const lockedReason = (did: string): string => `the vault of ${did} is locked`

const locked = (step: Step): Weather => {
  const lockedBy = (step.body as AskBody).by
  return { _tag: "Weather", step, reason: lockedReason(lockedBy), pauseMs: 0, lockedBy }
}

/** An event the process stumbled over, read from the log once more. */
const again = ({ eventStore, process }: Means, step: Step): Effect.Effect<Outcome> => {
  const { position } = step.body as { readonly position: number }
  return eventStore.readAll(position - 1, { upTo: position }).pipe(
    Stream.runHead,
    Effect.flatMap((found) => {
      const fact = Option.isNone(found) ? "it is not in the log" : Recognise.fact(process, found.value)
      return typeof fact === "string"
        ? Effect.dieMessage(fact)
        : Effect.succeed<Outcome>({ _tag: "Event", fact, step })
    }),
    Effect.catchAllCause((cause) => Effect.succeed(weather(step, cause)))
  )
}

const FirstPauseMs = 500

/** When a step that met bad weather is to be tried again, or that it is stuck. */
export const later = (limits: Limits, now: number, { lockedBy, pauseMs, reason, step }: Weather): Postponed => {
  if (lockedBy !== undefined) {
    const { attempts, claim, id } = step
    return { id, claim, attempts, reason, dueAt: now + Duration.toMillis(limits.retryMax), stuckAt: null }
  }
  const attempts = step.attempts + 1
  const growing = Math.min(FirstPauseMs * 2 ** (attempts - 1), Duration.toMillis(limits.retryMax))
  return {
    id: step.id,
    claim: step.claim,
    attempts,
    reason,
    dueAt: now + Math.max(growing, pauseMs),
    stuckAt: attempts >= limits.attemptsMax ? now : null
  }
}
