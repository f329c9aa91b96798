/**
 * A model of the event store: a few lines of arithmetic, and a judge: could the answers to appends made at once have been given one after
 * the other, in the order of the log? Random histories, over few streams and few ids, so that strangers meet.
 */
import type { Appended, AppendError, Expected, NewEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { assert } from "vitest"
import { all, event, newId, type Store } from "./Events.ts"

/** One append of a history: `ids` are numbers of ids; `through` is the store it goes through, when there are several. */
export interface Act {
  readonly stream: number
  readonly expected: Expected
  readonly ids: ReadonlyArray<number>
  readonly through: number
}

/** Groups of appends; those of a group are made at once. */
export type History = ReadonlyArray<ReadonlyArray<Act>>

const streams = 3
const idsMax = 14

const act: FastCheck.Arbitrary<Act> = FastCheck.record({
  stream: FastCheck.nat(streams - 1),
  expected: FastCheck.oneof(
    { weight: 5, arbitrary: FastCheck.nat(6) },
    { weight: 2, arbitrary: FastCheck.constant("any" as const) },
    { weight: 1, arbitrary: FastCheck.constant("exists" as const) }
  ),
  ids: FastCheck.uniqueArray(FastCheck.nat(idsMax - 1), { minLength: 1, maxLength: 3 }),
  through: FastCheck.nat(1)
})

export const histories: FastCheck.Arbitrary<History> = FastCheck.array(
  FastCheck.array(act, { minLength: 1, maxLength: 6 }),
  { minLength: 1, maxLength: 6 }
)

/** An event as the model sees it. */
interface Place {
  readonly stream: number
  readonly id: number
}

/** What an append comes to when the log is this: a position it begins at, or a refusal. */
const answerOf = (log: ReadonlyArray<Place>, { expected, ids, stream }: Act): string => {
  const found = ids.map((id) => log.findIndex((place) => place.id === id))
  const taken = found.find((position) => position >= 0)
  if (taken !== undefined) {
    const same = found.every((position, i) => position === found[0]! + i && log[position]?.stream === stream)
    return same ? `duplicate at ${found[0]! + 1}` : `taken in ${log[taken]!.stream}`
  }
  const actual = log.filter((place) => place.stream === stream).length
  const stands = expected === "any" || (expected === "exists" ? actual > 0 : expected === actual)
  return stands ? `appended at ${log.length + 1}` : `moved to ${actual}`
}

type Answer = Either.Either<Appended, AppendError>

/** The store's answer in the model's words. */
const said = (answer: Answer, base: number, names: ReadonlyArray<string>): string => {
  if (answer._tag === "Right") {
    return `${answer.right.duplicate ? "duplicate" : "appended"} at ${answer.right.firstPosition - base}`
  }
  const error = answer.left
  if (error._tag === "StreamMoved") return `moved to ${error.actual}`
  if (error._tag === "EventIdTaken") return `taken in ${names.indexOf(error.stream)}`
  throw new Error(`nothing here should come to ${error._tag}: ${error.message}`)
}

/** Plays a history on stores that share one log, and judges every group. */
export const play = (stores: ReadonlyArray<Store>, history: History): Effect.Effect<void, unknown> =>
  Effect.gen(function*() {
    const run = newId()
    const ids = Array.from({ length: idsMax }, newId)
    const names = Array.from({ length: streams }, (_, n) => `tea/${run}-${n}`)
    const base = yield* stores[0]!.head
    const log: Array<Place> = []
    for (const group of history) {
      const answers = yield* Effect.forEach(group, (act) => {
        const its = act.ids.map((id) => event({ id: ids[id]! })) as unknown as [NewEvent]
        return Effect.either(stores[act.through % stores.length]!.append(names[act.stream]!, act.expected, its))
      }, { concurrency: "unbounded" })
      judge(log, group, answers.map((answer) => said(answer, base, names)))
    }
    const kept = yield* all(stores[0]!.readAll(base))
    assert.deepStrictEqual(
      kept.map(({ id, position, stream }) => ({ position: position - base, stream, id })),
      log.map(({ id, stream }, i) => ({ position: i + 1, stream: names[stream]!, id: ids[id]! }))
    )
  })

/** Extends the log by what was appended, in its order; every other answer must have been true at some moment in between. */
const judge = (log: Array<Place>, group: ReadonlyArray<Act>, answers: ReadonlyArray<string>): void => {
  const moments: Array<Array<Place>> = [[...log]]
  const appended = group.map((act, i) => ({ act, at: Number(/^appended at (\d+)/.exec(answers[i]!)?.[1] ?? NaN) }))
    .filter(({ at }) => !Number.isNaN(at))
    .toSorted((one, other) => one.at - other.at)
  for (const { act, at } of appended) {
    assert.strictEqual(`appended at ${at}`, answerOf(log, act), `${JSON.stringify(act)} after ${JSON.stringify(log)}`)
    log.push(...act.ids.map((id) => ({ stream: act.stream, id })))
    moments.push([...log])
  }
  group.forEach((act, i) => {
    const answer = answers[i]!
    if (answer.startsWith("appended")) return
    const possible = moments.map((moment) => answerOf(moment, act))
    assert.isTrue(
      possible.includes(answer) || fellWithAnother(group, answers, moments, i),
      `${JSON.stringify(act)} came to "${answer}"; possible were ${possible.join(", ")}`
    )
  })
}

/** S8: refused, where the stream stands as expected, because the append it continued was not kept where it said. */
const fellWithAnother = (
  group: ReadonlyArray<Act>,
  answers: ReadonlyArray<string>,
  moments: ReadonlyArray<ReadonlyArray<Place>>,
  i: number
): boolean => {
  const { expected, stream } = group[i]!
  return answers[i] === `moved to ${expected}` &&
    moments.some((moment) => moment.filter((place) => place.stream === stream).length === expected) &&
    group.some((other, n) =>
      n < i && other.stream === stream && !answers[n]!.startsWith("appended") && typeof other.expected === "number" &&
      other.expected + other.ids.length === expected
    )
}
