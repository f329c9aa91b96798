/**
 * What a process makes of what happened, as one decision: pure, so that it can be made again from the same place.
 *
 * D1  The id of a command comes from its process, what called for it and its place among the reactions: made again it is the same.
 * D2  A process that stumbles over an event parks it with its key; later events of the key wait behind it, others do not.
 * D3  What is set and cancelled in one batch comes to what was said last; a timer moved or cancelled does not fire any more.
 * D4  Reactions to one thing are kept whole or not at all.
 * D5  A command says which event it answers and which command that began with, also behind a timer or another command's answer.
 */
import type * as Rpc from "@effect/rpc/Rpc"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { CommandId } from "@vivim/event-schemas/ids"
import type { Causes } from "@vivim/event-schemas/Meta"
import * as Meta from "@vivim/event-schemas/Meta"
import * as Schema from "effect/Schema"
import type * as Process from "./Process.ts"
import type { Decided, KeptRefusal, Known } from "./ProcessStore.ts"
import type { Claimed, NewStep, Step } from "./Step.ts"

/** An event as a process sees it. */
export interface Fact {
  readonly event: { readonly _tag: string }
  readonly cause: Process.Cause
  readonly meta: Uint8Array
}

/** What a process is to react to. An event has a step when it was parked before. */
export type Stimulus =
  | { readonly _tag: "Event"; readonly fact: Fact; readonly step: Claimed | null }
  | { readonly _tag: "Timer"; readonly step: Step }
  | { readonly _tag: "Answered"; readonly step: Step }
  | { readonly _tag: "Refused"; readonly step: Step; readonly refusal: { readonly _tag: string } }

/** How a command waits. */
export interface AskBody {
  readonly kind: string
  readonly by: string
  readonly payload: unknown
  readonly causes?: Causes | undefined
}

/** Where an event belongs; a key that cannot be told is a matter of the stream. */
export const keyOf = (process: Process.Any, { cause, event }: Fact): string => {
  try {
    return process.key(event, cause)
  } catch {
    return cause.stream
  }
}

const keysOf = (process: Process.Any, stimulus: Stimulus): string =>
  stimulus._tag === "Event" ? keyOf(process, stimulus.fact) : stimulus.step.key

/** The keys a decision needs to know of. */
export const keys = (process: Process.Any, stimuli: ReadonlyArray<Stimulus>): ReadonlyArray<string> => [
  ...new Set(
    stimuli.filter(({ _tag }) => process.memory !== undefined || _tag === "Event").map((one) => keysOf(process, one))
  )
]

/** A decision in the making. */
interface Draft {
  readonly process: Process.Any
  readonly now: number
  readonly known: Known
  readonly ended: Array<string>
  readonly stuck: Array<{ readonly id: string; readonly reason: string }>
  readonly asks: Array<NewStep>
  readonly timers: Map<string, { readonly key: string; readonly name: string; readonly set: NewStep | null }>
  readonly memories: Map<string, unknown>
  readonly parked: Set<string>
  readonly refused: Array<KeptRefusal>
}

export const decide =
  (process: Process.Any, stimuli: ReadonlyArray<Stimulus>, now: number) => (known: Known): Decided => {
    const draft: Draft = {
      process,
      now,
      known,
      ended: [],
      stuck: [],
      asks: [],
      timers: new Map(),
      memories: new Map(),
      parked: new Set(known.parked),
      refused: []
    }
    for (const stimulus of stimuli) take(draft, stimulus)
    const { asks, ended, memories, refused, stuck, timers } = draft
    const moved = [...timers.values()]
    return {
      ended,
      stuck,
      memories,
      refused,
      steps: [...moved.flatMap(({ set }) => set === null ? [] : [set]), ...asks],
      cancelled: moved.flatMap(({ key, name, set }) => set === null ? [{ key, name }] : [])
    }
  }

const timerOf = (key: string, name: string) => JSON.stringify([key, name])

const take = (draft: Draft, stimulus: Stimulus) => {
  if (stimulus._tag === "Event" && stimulus.step === null) return meet(draft, stimulus.fact)
  const step = stimulus.step as Claimed
  // Somebody else ended it, or it was moved, dropped or cancelled meanwhile.
  if (!draft.known.held.has(step.id)) return
  if (stimulus._tag === "Timer" && draft.timers.has(timerOf(stimulus.step.key, stimulus.step.name))) return
  try {
    apply(draft, stimulus, keysOf(draft.process, stimulus))
    draft.ended.push(step.id)
    if (stimulus._tag === "Refused") draft.refused.push(refusal(draft, stimulus))
  } catch (error) {
    draft.stuck.push({ id: step.id, reason: reasonOf(error) })
  }
}

/** An event that comes for the first time. */
const meet = (draft: Draft, fact: Fact) => {
  const key = keyOf(draft.process, fact)
  if (draft.parked.has(key)) return park(draft, key, fact, null)
  try {
    apply(draft, { _tag: "Event", fact, step: null }, key)
  } catch (error) {
    park(draft, key, fact, reasonOf(error))
  }
}

const park = (draft: Draft, key: string, { cause, event }: Fact, stuck: string | null) => {
  draft.parked.add(key)
  const id = CommandIds.derive(cause.id as CommandId, `${draft.process.name}/event`)
  const body = { position: cause.position }
  draft.asks.push({ id, kind: "event", key, name: event._tag, dueAt: 0, body, stuck })
}

const reasonOf = (error: unknown) => error instanceof Error ? `${error.name}: ${error.message}` : String(error)

const causeOf = (stimulus: Stimulus): string => stimulus._tag === "Event" ? stimulus.fact.cause.id : stimulus.step.id

/** A timer, and what follows a command, answer what they themselves were called for by. */
const causesOf = (stimulus: Stimulus): Causes | undefined =>
  stimulus._tag === "Event"
    ? Meta.causesOf({ id: stimulus.fact.cause.id, meta: stimulus.fact.meta })
    : (stimulus.step.body as { readonly causes?: Causes }).causes

const refusal = ({ now }: Draft, { refusal, step }: Extract<Stimulus, { readonly _tag: "Refused" }>): KeptRefusal => ({
  id: step.id,
  key: step.key,
  command: step.name,
  refusal: refusal._tag,
  at: now
})

const memoryOf = ({ known, memories, process }: Draft, key: string): unknown => {
  const kept = memories.has(key) ? memories.get(key) : known.memories.get(key) ?? null
  return process.memory === undefined || kept === null ? null : Schema.decodeUnknownSync(process.memory)(kept)
}

const reactions = (draft: Draft, stimulus: Stimulus): Process.Reactions => {
  const { process } = draft
  const memory = () => memoryOf(draft, keysOf(process, stimulus))
  switch (stimulus._tag) {
    case "Event": {
      const { cause, event } = stimulus.fact
      const react = process.react as Record<
        string,
        (event: any, cause: Process.Cause, memory: any) => Process.Reactions
      >
      return react[event._tag]?.(event, cause, memory()) ?? []
    }
    case "Timer": {
      const { body, dueAt, key, name } = stimulus.step
      return process.onTimer?.({ key, name, at: (body as any).at ?? dueAt, payload: (body as any).payload }, memory())
        ?? []
    }
    case "Answered":
      return []
    case "Refused": {
      if (process.onRefused === undefined) return []
      const { body, key, name: tag } = stimulus.step
      const { by, kind, payload } = body as AskBody
      const command = decodeAsk(process, kind, tag, payload)
      return process.onRefused({ key, tag, by: by as never, payload: command, refusal: stimulus.refusal }, memory())
    }
  }
}

/** Everything is worked out before anything is put down. */
const apply = (draft: Draft, stimulus: Stimulus, key: string) => {
  const { process } = draft
  const called = reactions(draft, stimulus)
  const causes = called.length === 0 ? undefined : causesOf(stimulus)
  const worked = called.map((reaction, n) => {
    const id = CommandIds.derive(causeOf(stimulus) as CommandId, `${process.name}/${n}`)
    switch (reaction._tag) {
      case "Ask": {
        const asked = askStep(process, id, key, reaction, causes)
        return () => draft.asks.push(asked)
      }
      case "SetTimer": {
        const { at, name, payload } = reaction
        if (!Number.isSafeInteger(at)) throw new Error(`timer ${name} is set to ${at}, which is no time`)
        const body = { at, payload, causes }
        const set: NewStep = { id, kind: "timer", key, name, dueAt: at, body, stuck: null }
        return () => draft.timers.set(timerOf(key, name), { key, name, set })
      }
      case "CancelTimer": {
        const { name } = reaction
        return () => draft.timers.set(timerOf(key, name), { key, name, set: null })
      }
      case "Remember": {
        const memory = encodeMemory(process, reaction.memory)
        return () => draft.memories.set(key, memory)
      }
    }
  })
  for (const put of worked) put()
}

const encodeMemory = (process: Process.Any, memory: unknown): unknown => {
  if (memory === null) return null
  if (process.memory === undefined) throw new Error(`process ${process.name} has no memory to keep`)
  return Schema.encodeSync(process.memory)(memory)
}

const payloadOf = (process: Process.Any, kind: string, tag: string): Schema.Schema<any, any> => {
  const address = process.asks.find((address) => address.kind === kind)
  const request = address?.commands.requests.get(tag) as Rpc.AnyWithProps | undefined
  if (request === undefined) throw new Error(`process ${process.name} may not ask ${kind} for ${tag}`)
  return request.payloadSchema as unknown as Schema.Schema<any, any>
}

type Ask = Extract<Process.Reaction, { readonly _tag: "Ask" }>

const askStep = (
  process: Process.Any,
  id: CommandId,
  key: string,
  { by, kind, payload, tag }: Ask,
  causes: Causes | undefined
): NewStep => {
  const command = Schema.encodeSync(payloadOf(process, kind, tag))({ ...payload, commandId: id })
  const body: AskBody = { kind, by, payload: command, causes }
  return { id, kind: "ask", key, name: tag, dueAt: 0, body, stuck: null }
}

/** The command as its actor takes it. */
export const decodeAsk = (process: Process.Any, kind: string, tag: string, payload: unknown): any =>
  Schema.decodeUnknownSync(payloadOf(process, kind, tag))(payload)
