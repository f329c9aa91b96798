/** The process store's twin in memory: the same promises (P1-P8), kept as plainly as they can be said. Lost with the process. */
import * as Effect from "effect/Effect"
import type { Decided, Decision, KeptRefusal, Known, ProcessStore } from "./ProcessStore.ts"
import { type Claimed, RefusalsMax, type Step, type StuckStep } from "./Step.ts"

interface Kept extends Step {
  readonly seq: number
  readonly claimedUntil: number
  readonly reason: string | null
  readonly stuckAt: number | null
}

interface Book {
  position: number
  steps: ReadonlyArray<Kept>
  memories: ReadonlyMap<string, string>
  refusals: ReadonlyArray<KeptRefusal>
  ended: number
  refused: number
}

/** Nobody outside may hold what is kept. */
const copy = <A>(value: A): A => structuredClone(value)

let seq = 0
const kept = (step: Decided["steps"][number], now: number, claim: number): Kept => ({
  ...copy(step),
  seq: ++seq,
  claim,
  attempts: 0,
  claimedUntil: 0,
  reason: step.stuck,
  stuckAt: step.stuck === null ? null : now
})

/** Nothing of its key was decided before it and still waits. */
const isFirst = ({ steps }: Book, { key, kind, seq }: Kept) =>
  kind === "timer" || !steps.some((other) => other.kind !== "timer" && other.key === key && other.seq < seq)

const held = ({ steps }: Book, { claim, id }: Claimed) => steps.some((step) => step.id === id && step.claim === claim)

const keep = (book: Book, { moves, now }: Decision, decided: Decided) => {
  let steps = book.steps.filter(({ id }) => !decided.ended.includes(id)).map((step) => {
    const stuck = decided.stuck.find(({ id }) => id === step.id)
    return stuck === undefined ? step : { ...step, stuckAt: now, reason: stuck.reason, claimedUntil: 0 }
  })
  const timer = (key: string, name: string) =>
    steps.find((step) => step.kind === "timer" && step.key === key && step.name === name)
  for (const { key, name } of decided.cancelled) {
    const gone = timer(key, name)
    steps = steps.filter((step) => step !== gone)
  }
  for (const step of decided.steps) {
    const before = step.kind === "timer" ? timer(step.key, step.name) : undefined
    if (steps.some(({ id }) => id === step.id) && before === undefined) continue
    steps = [...steps.filter((other) => other !== before), kept(step, now, before === undefined ? 0 : before.claim + 1)]
  }
  const memories = new Map(book.memories)
  for (const [key, memory] of decided.memories) {
    if (memory === null) memories.delete(key)
    else memories.set(key, JSON.stringify(memory))
  }
  Object.assign(book, {
    steps,
    memories,
    position: moves?.to ?? book.position,
    refusals: [...decided.refused, ...book.refusals].slice(0, RefusalsMax),
    ended: book.ended + decided.ended.length,
    refused: book.refused + decided.refused.length
  })
}

const known = (book: Book, { ends, keys }: Decision): Known => ({
  memories: new Map(
    keys.flatMap((key) => {
      const memory = book.memories.get(key)
      return memory === undefined ? [] : [[key, JSON.parse(memory)] as const]
    })
  ),
  parked: new Set(
    keys.filter((key) => book.steps.some((step) => step.kind === "event" && step.key === key))
  ),
  held: new Set(ends.filter((end) => held(book, end)).map(({ id }) => id))
})

/** What is due and free, the earliest first. */
const due = (book: Book, now: number, max: number) =>
  book.steps
    .filter((step) => step.stuckAt === null && step.dueAt <= now && step.claimedUntil <= now && isFirst(book, step))
    .toSorted((a, b) => a.dueAt - b.dueAt || a.seq - b.seq).slice(0, max)

const handed = ({ attempts, body, claim, dueAt, id, key, kind, name }: Kept): Step =>
  copy({ id, attempts, body, claim, dueAt, key, kind, name })

const nextDue = (book: Book) => {
  const times = book.steps.filter((step) => step.stuckAt === null && isFirst(book, step))
    .map(({ claimedUntil, dueAt }) => Math.max(dueAt, claimedUntil))
  return times.length === 0 ? null : Math.min(...times)
}

const figures = ({ ended, position, refused, steps }: Book) => {
  const waits = steps.filter(({ stuckAt }) => stuckAt === null)
  const timers = waits.filter(({ kind }) => kind === "timer").length
  return { position, waiting: waits.length - timers, timers, stuck: steps.length - waits.length, ended, refused }
}

const stuckOf = (process: string, { steps }: Book): ReadonlyArray<StuckStep> =>
  steps.flatMap(({ attempts, id, key, kind, name, reason, stuckAt }) =>
    stuckAt === null ? [] : [{ process, attempts, id, key, kind, name, reason: reason ?? "", stuckAt }]
  )

/** What an operator does to the stuck step with this id; false when there is none. */
const mend = (book: Book, id: string, alter: (step: Kept) => ReadonlyArray<Kept>): boolean => {
  const found = book.steps.find((step) => step.id === id && step.stuckAt !== null)
  book.steps = book.steps.flatMap((step) => step === found ? alter(step) : [step])
  return found !== undefined
}

export const make: Effect.Effect<ProcessStore["Type"]> = Effect.sync(() => {
  const books = new Map<string, Book>()
  /** Held by whoever decides what becomes of a stuck step. */
  const fate = Effect.unsafeMakeSemaphore(1)
  const of = (process: string): Book => {
    const unwritten = { position: 0, steps: [], memories: new Map(), refusals: [], ended: 0, refused: 0 }
    const book = books.get(process) ?? unwritten
    books.set(process, book)
    return book
  }
  const change = (process: string, alter: (step: Kept) => Kept) => {
    const book = of(process)
    book.steps = book.steps.map(alter)
  }
  return {
    begin: (process) => Effect.sync(() => of(process).position),
    decide: (decision) =>
      Effect.sync(() => {
        const book = of(decision.process)
        if (decision.moves !== null && decision.moves.from !== book.position) return false
        keep(book, decision, decision.decide(known(book, decision)))
        return true
      }),
    claim: (process, now, until, max) =>
      Effect.sync(() => {
        const claimed = due(of(process), now, max)
          .map((step) => ({ ...step, claim: step.claim + 1, claimedUntil: until }))
        change(process, (step) => claimed.find(({ id }) => id === step.id) ?? step)
        return claimed.map(handed)
      }),
    postpone: (process, postponed) =>
      Effect.sync(() =>
        change(process, (step) => {
          const later = postponed.find(({ claim, id }) => id === step.id && claim === step.claim)
          return later === undefined ? step : { ...step, ...later, claimedUntil: 0 }
        })
      ),
    nextDue: (process) => Effect.sync(() => nextDue(of(process))),
    release: (process) => Effect.sync(() => change(process, (step) => ({ ...step, claimedUntil: 0 }))),
    figures: (process) => Effect.sync(() => figures(of(process))),
    stuck: (max) =>
      Effect.sync(() =>
        [...books].flatMap(([process, book]) => stuckOf(process, book))
          .toSorted((a, b) => a.stuckAt - b.stuckAt || (a.id < b.id ? -1 : 1)).slice(0, max)
      ),
    retry: (process, id, now) =>
      fate.withPermits(1)(
        Effect.sync(() => mend(of(process), id, (step) => [{ ...step, stuckAt: null, attempts: 0, dueAt: now }]))
      ),
    drop: (process, id, record) =>
      fate.withPermits(1)(Effect.suspend(() => {
        const stuck = stuckOf(process, of(process)).find((step) => step.id === id)
        return stuck === undefined
          ? Effect.succeed(null)
          : Effect.tap(record(stuck), () => Effect.sync(() => mend(of(process), id, () => [])))
      })),
    hurry: (process, reason, now) =>
      Effect.sync(() =>
        change(
          process,
          (step) =>
            step.reason === reason && step.stuckAt === null && step.claimedUntil === 0 && step.dueAt > now
              ? { ...step, dueAt: now }
              : step
        )
      ),
    refusals: (process) => Effect.sync(() => copy(of(process).refusals))
  }
})
