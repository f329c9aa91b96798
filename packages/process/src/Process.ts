/**
 * A process, declared: which events it reads, and what each of them calls for. It is pure and sees routing parts alone, so that
 * nothing private can come to lie where its steps wait.
 *
 *   react : event x memory -> reactions      what an event calls for: commands to actors, timers
 *   onTimer, onRefused                       the same, for a time that has come and a command that was refused
 */
import type * as Rpc from "@effect/rpc/Rpc"
import type { Address } from "@vivim/contract/Address"
import type * as Event from "@vivim/event-schemas/Event"
import type { Did } from "@vivim/event-schemas/ids"
import type * as Schema from "effect/Schema"

/** The event itself, apart from what it says. */
export interface Cause {
  readonly id: string
  readonly stream: string
  readonly position: number
  readonly version: number
  readonly owner: Did
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What a timer was set with, when its time has come. */
export interface Timer {
  readonly key: string
  readonly name: string
  readonly at: number
  readonly payload: any
}

/** A command that its actor refused; a failure never gets here. */
export interface Refused {
  readonly key: string
  readonly tag: string
  readonly payload: any
  readonly by: Did
  readonly refusal: { readonly _tag: string }
}

/** What an event calls for. Timers are known by their key and name: setting one again moves it. */
export type Reaction =
  | { readonly _tag: "Ask"; readonly kind: string; readonly tag: string; readonly payload: object; readonly by: Did }
  | { readonly _tag: "SetTimer"; readonly name: string; readonly at: number; readonly payload: unknown }
  | { readonly _tag: "CancelTimer"; readonly name: string }
  | { readonly _tag: "Remember"; readonly memory: unknown }

export type Reactions = ReadonlyArray<Reaction>

/** Asks an actor a command in someone's name. Its id is derived from what called for it: the same call is made once, however often. */
export const ask = <Commands extends Rpc.Any, const Tag extends Commands["_tag"]>(
  address: Address<Commands>,
  tag: Tag,
  payload: Omit<Rpc.Payload<Extract<Commands, { readonly _tag: Tag }>>, "commandId">,
  by: Did
): Reaction => ({ _tag: "Ask", kind: address.kind, tag, payload, by })

/** Wakes the process under the event's key at `at`, or soon after. `payload` is JSON. */
export const setTimer = (name: string, at: number, payload: unknown = null): Reaction => ({
  _tag: "SetTimer",
  name,
  at,
  payload
})

export const cancelTimer = (name: string): Reaction => ({ _tag: "CancelTimer", name })

/** What the process is to know of this key from now on; null forgets it. */
export const remember = (memory: unknown): Reaction => ({ _tag: "Remember", memory })

export interface Process<E extends Event.Any = Event.Any, Memory = unknown> {
  readonly name: string
  /** Raise it when the rules change: what was decided stays decided, and the new rules hold from the next event on. */
  readonly version: number
  readonly reads: Event.Vocabulary<E>
  /** The actors it may ask. */
  readonly asks: ReadonlyArray<Address<any>>
  /** What belongs together: reactions of one key are carried out in order, those of others beside them. */
  readonly key: (event: Event.Routing<E>, cause: Cause) => string
  /** How a key's memory is kept; a process without it remembers nothing. */
  readonly memory?: Schema.Schema<Memory, any>
  readonly react: {
    readonly [Tag in E["tag"]]?: (
      event: Event.Routing<Extract<E, { readonly tag: Tag }>>,
      cause: Cause,
      memory: Memory | null
    ) => Reactions
  }
  readonly onTimer?: (timer: Timer, memory: Memory | null) => Reactions
  readonly onRefused?: (refused: Refused, memory: Memory | null) => Reactions
}

/** Any process, for those who run it without knowing what it is about. */
export type Any = Process<any, any>

export const make = <E extends Event.Any, Memory = unknown>(process: Process<E, Memory>): Process<E, Memory> => process
