/**
 * What the runner needs of a view, wherever it keeps its rows: a target that takes facts and knows how far it is,
 * and a way to build a second one beside it.
 */
import type * as Event from "@vivim/event-schemas/Event"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as SubscriptionRef from "effect/SubscriptionRef"
import type { Fact } from "./Fact.ts"
import type { Politeness } from "./Politeness.ts"

/** A view could not write its rows just now: nothing an event is to blame for. It is tried again. */
export class ViewFailure extends Schema.TaggedError<ViewFailure>()("ViewFailure", {
  view: Schema.String,
  position: Schema.Int,
  cause: Schema.Defect
}) {}

/** A view cannot take an event, and never will by trying again. Of a batch the first is named; the runner finds out which. */
export class EventNotTaken extends Schema.TaggedError<EventNotTaken>()("EventNotTaken", {
  view: Schema.String,
  position: Schema.Int,
  stream: Schema.String,
  version: Schema.Int,
  type: Schema.String,
  cause: Schema.Defect
}) {}

/** Another process has built the view anew: the rows that served are gone, and others serve. */
export class ServingChanged extends Schema.TaggedError<ServingChanged>()("ServingChanged", { view: Schema.String }) {}

/** Where and why a view, or one part of it, stopped. Without `event` it was no event's doing. */
export interface Stop {
  readonly position: number
  readonly event: { readonly stream: string; readonly version: number; readonly type: string } | null
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** The rows of one generation of a view. */
export interface Target {
  /** Every fact up to here is in the rows. */
  readonly position: Effect.Effect<number, ViewFailure>
  /** As far as the rows are known to reach, whoever brought them there. */
  readonly reach: Effect.Effect<number, ViewFailure>
  /** Rows and position move together, all or nothing. Facts at or below the position are ignored. Answers the touched keys. */
  readonly apply: (
    facts: ReadonlyArray<Fact<any>>,
    upTo: number
  ) => Effect.Effect<ReadonlyArray<string>, ViewFailure | EventNotTaken | ServingChanged>
}

/** How many rows two generations hold, and where they differ. */
export interface Compared {
  readonly rows: number
  readonly differences: ReadonlyArray<string>
}

/** One part of a view that does not keep up: it is being mended, stands until somebody resumes it, or waits for its owner's keys. */
export interface Ailing {
  readonly state: "mending" | "stopped" | "locked"
  readonly stop: Stop
  /** Its rows cannot be trusted: they are built anew from the first event. */
  readonly damaged: boolean
}

/** What mending a part needs of the log. */
export interface History {
  /** How far the view is. */
  readonly reach: Effect.Effect<number, ViewFailure>
  /** Hands over the facts of one owner, in order. */
  readonly read: <E>(
    owner: string,
    after: number,
    upTo: number,
    take: (facts: ReadonlyArray<Fact<any>>) => Effect.Effect<void, E>
  ) => Effect.Effect<void, E | EventStoreError | ViewFailure>
  /** Runs while the view takes nothing. */
  readonly still: <A, E>(work: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** A view kept in parts, one per owner, that fail each on its own. */
export interface Parts {
  readonly ailing: SubscriptionRef.SubscriptionRef<ReadonlyMap<string, Ailing>>
  /** Brings one part back to where the view is, or stops it. */
  readonly mend: (part: string, history: History) => Effect.Effect<void, ViewFailure | EventStoreError>
  /** The keys to wake when all of a part has come or gone. */
  readonly keys: (part: string) => ReadonlyArray<string>
  /** Parts whose owners' keys came or went. */
  readonly moves: Stream.Stream<string>
  /** Has a stopped part mended. */
  readonly resume: (part: string) => Effect.Effect<void>
}

export interface View {
  readonly name: string
  readonly version: number
  readonly reads: Event.Vocabulary<any>
  /** Whether facts carry the private part. */
  readonly sees: "routing" | "whole"
  /** The generation that serves, or null when this version has built none yet. */
  readonly serving: Effect.Effect<Target | null, ViewFailure>
  /** An empty generation beside the serving one. Discarded with the scope unless it was swapped in. */
  readonly beside: (
    purpose: "replacement" | "comparison",
    politeness: Politeness
  ) => Effect.Effect<Target, ViewFailure, Scope.Scope>
  /**
   * Runs while no other process brings what serves any further, told how far that is: all of it counts, or it is run again. Short:
   * what is left to do is done before.
   */
  readonly still: <A, E, R>(work: (reach: number) => Effect.Effect<A, E, R>) => Effect.Effect<A, E | ViewFailure, R>
  /** While all is still: swaps in a replacement that stands where the serving one does; readers go over between two queries. */
  readonly swap: (replacement: Target) => Effect.Effect<void, ViewFailure>
  /** While all is still: compares a generation with the one that serves; both stand at the same position. */
  readonly compare: (other: Target) => Effect.Effect<Compared, ViewFailure>
  /** Building and comparing is done by one process at a time. */
  readonly oneAtATime: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Null where the view stands or stops as a whole. */
  readonly parts: Parts | null
}
