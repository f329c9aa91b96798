/**
 * An actor, declared: what it hears, what it may state, and the two pure functions between.
 *
 *   decide : state x command -> events, or a refusal
 *   evolve : state x event   -> state
 */
import type * as Rpc from "@effect/rpc/Rpc"
import type { Address } from "@vivim/contract/Address"
import type * as Event from "@vivim/event-schemas/Event"
import type { CommandId, DeviceId, Did } from "@vivim/event-schemas/ids"
import type { Causes } from "@vivim/event-schemas/Meta"
import type { Receipt } from "@vivim/event-schemas/Receipt"
import type * as Schema from "effect/Schema"

/** When, by whom, through what, and under which id a command came: data, so that `decide` asks no clock. */
export interface Circumstance {
  readonly at: number
  readonly by: Did
  readonly device: DeviceId | null
  readonly id: CommandId
  /** How many events the stream has: for whoever decides on what they read before. */
  readonly version?: number | undefined
  /** What the command answers, when it is a process that asks. */
  readonly causes?: Causes | undefined
}

/** A decision is plain data, so that it can be tested without running anything. Accepting states at least one event. */
export type Decision<E, Refusal> =
  | { readonly _tag: "Accept"; readonly events: readonly [E, ...Array<E>] }
  | { readonly _tag: "Refuse"; readonly refusal: Refusal }

export const accept = <Events extends readonly [unknown, ...Array<unknown>]>(
  ...events: Events
): Decision<Events[number], never> => ({ _tag: "Accept", events: events as any })

export const refuse = <Refusal>(refusal: Refusal): Decision<never, Refusal> => ({ _tag: "Refuse", refusal })

/** The command with this tag. */
type CommandOf<Commands extends Rpc.Any, Tag> = Rpc.Payload<Extract<Commands, { readonly _tag: Tag }>>

export interface Actor<Commands extends Rpc.Any, Events extends Event.Any, State> {
  readonly address: Address<Commands>
  readonly events: Event.Vocabulary<Events>
  readonly initial: State
  /** How the state is kept between lives. Raise `version` when `evolve` gives another state for the same events. */
  readonly snapshot: { readonly version: number; readonly schema: Schema.Schema<State, any> }
  /** Whose data the stream is; asked after the events were folded. */
  readonly owner: (state: State, by: Did) => Did
  readonly decide: {
    readonly [Tag in Commands["_tag"]]: (
      state: State,
      command: CommandOf<Commands, Tag>,
      circumstance: Circumstance
    ) => Decision<Event.Type<Events>, Rpc.Error<Extract<Commands, { readonly _tag: Tag }>>>
  }
  readonly evolve: {
    readonly [Tag in Events["tag"]]: (
      state: State,
      event: Event.Type<Extract<Events, { readonly tag: Tag }>>
    ) => State
  }
  /**
   * What an event makes of the state when its private part was destroyed, and only the routing part is left. An event that is not
   * named makes nothing of it, unless nothing of it was private.
   */
  readonly shredded?: {
    readonly [Tag in Events["tag"]]?: (
      state: State,
      event: Event.Routing<Extract<Events, { readonly tag: Tag }>>
    ) => State
  }
  /** What a command is answered with, where it is more than the receipt. Only from the events, so that a repeat gets the same. */
  readonly answer?: {
    readonly [Tag in Commands["_tag"]]?: (
      receipt: Receipt,
      events: ReadonlyArray<Event.Type<Events>>
    ) => Rpc.Success<Extract<Commands, { readonly _tag: Tag }>>
  }
}

export type Any = Actor<any, any, any>

export const make = <Commands extends Rpc.Any, Events extends Event.Any, State>(
  actor: Actor<Commands, Events, State>
): Actor<Commands, Events, State> => actor

/** Folds events into state: the only way a state ever comes to be. */
export const fold = <State, E extends Event.Any>(
  actor: Pick<Actor<any, E, State>, "evolve">,
  state: State,
  events: Iterable<Event.Type<E>>
): State => {
  for (const event of events) state = (actor.evolve as any)[(event as any)._tag](state, event)
  return state
}
