/** A law of a port: what must hold of every implementation, said once. */
import * as Effect from "effect/Effect"

/** A value: it can be held against what keeps it, and against what was broken on purpose, to see that it would notice. */
export interface Law<Subject> {
  readonly title: string
  readonly holds: (subject: Subject) => Effect.Effect<void, unknown>
}

export const law = <Subject>(title: string, holds: (subject: Subject) => Generator<any, void, any>): Law<Subject> => ({
  title,
  holds: (subject) => Effect.gen(() => holds(subject)) as Effect.Effect<void, unknown>
})

/** All whole numbers from one to another. */
export const run = (from: number, to: number): Array<number> =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)
