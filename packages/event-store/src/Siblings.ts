/** The other processes that work on the same log, in the same database, if there are any. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

interface Shape {
  /** True where there may be any: what this process knows of what is kept there may be out of date at any time. */
  readonly present: boolean
  /** One process at a time does work of this name; others wait. The lock goes with the process that holds it. */
  readonly oneAtATime: <A, E, R>(name: string, work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** A reference, not a layer: a process is alone unless it was told otherwise. */
export class Siblings extends Context.Reference<Siblings>()("@vivim/event-store/Siblings", {
  defaultValue: (): Shape => ({ present: false, oneAtATime: (_, work) => work })
}) {}
