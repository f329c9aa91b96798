/** What laws of process stores are said with: a process of its own in a store that others use too, and steps for it. */
import type { Decided, Decision, ProcessStore } from "@vivim/process/ProcessStore"
import type { Claimed, NewStep } from "@vivim/process/Step"

export type Book = ProcessStore["Type"]

export const nothing: Decided = {
  ended: [],
  stuck: [],
  steps: [],
  cancelled: [],
  memories: new Map(),
  refused: []
}

/** A process of its own in a store that others use too. */
export const processOf = (store: Book) => {
  const process = `law ${Math.random().toString(36).slice(2)}`
  const decide = (decided: Partial<Decided>, rest: Partial<Decision> = {}) =>
    store.decide({
      process,
      now: 0,
      moves: null,
      ends: [],
      keys: [],
      decide: () => ({ ...nothing, ...decided }),
      ...rest
    })
  return {
    process,
    decide,
    begin: store.begin(process, 1),
    step: (parts: Partial<NewStep>) => decide({ steps: [step(parts)] }),
    end: (step: Claimed) => decide({ ended: [step.id] }, { ends: [step] }),
    claim: (now: number, until = now + 100, max = 100) => store.claim(process, now, until, max),
    due: store.nextDue(process),
    figures: store.figures(process)
  }
}

export const step = (parts: Partial<NewStep> = {}): NewStep => ({
  id: "s1",
  kind: "ask",
  key: "k1",
  name: "Pour",
  dueAt: 0,
  body: { cup: "ü", n: [1, null] },
  stuck: null,
  ...parts
})
export const timer = (id: string, dueAt: number, parts: Partial<NewStep> = {}) =>
  step({ id, kind: "timer", name: "boil", dueAt, ...parts })
export const ids = (steps: ReadonlyArray<{ readonly id: string }>) => steps.map(({ id }) => id)
