/**
 * What the runner needs of a view, wherever it keeps its rows: a target that takes facts and knows how far it is,
 * and a way to build a second one beside it.
 */
import type * as Event from "@vivim/event-schemas/Event"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Fact } from "./Fact.ts"

/** A view could not take some facts. `position` is the first of them. */
export class ViewFailure extends Schema.TaggedError<ViewFailure>()("ViewFailure", {
  view: Schema.String,
  position: Schema.Int,
  cause: Schema.Defect
}) {}

/** The rows of one generation of a view. */
export interface Target {
  /** Every fact up to here is in the rows. */
  readonly position: Effect.Effect<number, ViewFailure>
  /** Rows and position move together, all or nothing. Facts at or below the position are ignored. Answers the touched keys. */
  readonly apply: (facts: ReadonlyArray<Fact<any>>, upTo: number) => Effect.Effect<ReadonlyArray<string>, ViewFailure>
}

/** How many rows two generations hold, and where they differ. */
export interface Compared {
  readonly rows: number
  readonly differences: ReadonlyArray<string>
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
  readonly beside: (purpose: "replacement" | "comparison") => Effect.Effect<Target, ViewFailure, Scope.Scope>
  /** Swaps a replacement in; readers go from one to the other between two queries. */
  readonly swap: (replacement: Target) => Effect.Effect<void, ViewFailure>
  /** Compares a generation with the one that serves; both must stand at the same position. */
  readonly compare: (other: Target) => Effect.Effect<Compared, ViewFailure>
}
