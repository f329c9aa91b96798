/** What the appends of a round are answered once it was judged. Those that are neither kept nor refused with it are tried again. */
import * as Effect from "effect/Effect"
import * as AppendPlan from "./AppendPlan.ts"
import type { AppendQueue, Waiting } from "./AppendQueue.ts"
import type { Appended, RecordedEvent } from "./EventStore.ts"
import { EventIdTaken, EventStoreError, type StreamMoved, streamMoved } from "./EventStoreError.ts"
import { appended, type Place } from "./Place.ts"
import type { Outcome, Tail } from "./PostgresAppend.ts"
import type * as PostgresFind from "./PostgresFind.ts"
import type { StreamHeads } from "./StreamHeads.ts"

/** What the writer of a process knows, and whom it answers. */
export interface Writer {
  readonly queue: AppendQueue
  /** With what is under way. */
  readonly heads: StreamHeads
  /** Hears of every round of this process, in the order of the log. */
  readonly kept: (events: ReadonlyArray<RecordedEvent>) => void
  /** Where the log will stand when all that is under way is kept. */
  tail: Tail | null
  /** Nobody else is known to write to the log: a round may be laid out before the lock is taken. */
  alone: boolean
  /** An id of the last round lay in the log already: ids are looked up before anything is written. */
  careful: boolean
}

/** Nobody knows what became of these. */
export const fail = (writer: Writer, appends: ReadonlyArray<Waiting>, cause: unknown): void => {
  const error = Effect.fail(new EventStoreError({ doing: "append", cause }))
  for (const waiting of appends) writer.queue.answer(waiting, false, error)
}

/** The rows get the places they are to have, and what is planned next is planned behind them. */
export const foresee = (writer: Writer, { chains, rows }: AppendPlan.Round, base: number): void => {
  rows.forEach((row, i) => {
    row.position = base + 1 + i
  })
  for (const { after, links, stream } of chains) {
    writer.heads.learn(stream, after)
    for (const { waiting } of links) waiting.sent = true
  }
  writer.tail = tailOf(rows)
}

/** It was not kept: what was planned behind it is not so. */
export const unlearn = (writer: Writer, { chains }: AppendPlan.Round): void => {
  for (const { before, links, stream } of chains) {
    if (before.version === 0) writer.heads.drop(stream)
    else writer.heads.learn(stream, before)
    for (const { waiting } of links) waiting.sent = false
  }
}

/** All of a foreseen round is kept. */
export const land = (writer: Writer, round: AppendPlan.Round, found: PostgresFind.Found): void => {
  refuse(writer, round, found, none)
  for (const chain of round.chains) answerKept(writer, chain)
  writer.kept(round.rows)
}

/** A round that the database judged, chain by chain. */
export const settle = (writer: Writer, round: AppendPlan.Round, outcome: Outcome): void => {
  const { heads } = writer
  const kept = round.rows.filter((_, i) => !outcome.refused.has(round.chainOfRow[i]!))
  kept.forEach((row, i) => {
    row.position = outcome.base + 1 + i
  })
  writer.careful = false
  writer.alone = outcome.tailKept
  if (!outcome.tailKept) heads.doubt()
  if (kept.length > 0) writer.tail = tailOf(kept)
  else if (!outcome.tailKept) writer.tail = null
  refuse(writer, round, outcome.found, outcome.refused)
  round.chains.forEach((chain, index) => {
    if (outcome.refused.has(index)) return missed(writer, chain, outcome, index)
    heads.learn(chain.stream, chain.after)
    answerKept(writer, chain)
  })
  writer.kept(kept)
}

/** A copy: what followers hold in their hands must not be what the next round believes. */
const tailOf = (rows: ReadonlyArray<AppendPlan.Row>): Tail => {
  const { hash, position } = rows.at(-1)!
  return { position, hash: new Uint8Array(hash) }
}

const answerKept = ({ queue }: Writer, { links }: AppendPlan.Chain): void => {
  for (const { rows, waiting } of links) {
    queue.answer(waiting, true, Effect.succeed(appended(rows[0]!, rows.at(-1)!, false)))
  }
}

/** Nothing of this stream was kept: some of its ids are stated already, or it stands elsewhere. The rest is tried again. */
const missed = (writer: Writer, chain: AppendPlan.Chain, outcome: Outcome, index: number): void => {
  const head = outcome.heads.get(index)
  if (head === null) writer.heads.drop(chain.stream)
  else writer.heads.learn(chain.stream, head ?? chain.before)
  for (const { waiting } of chain.links) {
    const stated = earlier(waiting, outcome.found.taken)
    if (stated === undefined) waiting.misses++
    else writer.queue.answer(waiting, reaches(waiting, stated), answerOf(stated))
  }
}

const none: ReadonlySet<number> = new Set()

/**
 * `missed`: the chains of the round that were not kept. The refused are answered before the kept: then of those who try again, others
 * come first than did now.
 */
export const refuse = (
  { queue }: Writer,
  { chains, doomed }: AppendPlan.Round,
  found: PostgresFind.Found,
  missed: ReadonlySet<number> = none
): void => {
  if (doomed.length === 0) return
  const kept = new Map(chains.filter((_, i) => !missed.has(i)).map(({ after, stream }) => [stream, after.version]))
  let last: StreamMoved | null = null
  for (const { actual, rival, waiting } of doomed) {
    const { expected, stream } = waiting
    const stated = earlier(waiting, found.taken)
    const now = kept.get(stream) ?? found.stands.get(stream) ?? actual
    if (stated !== undefined) queue.answer(waiting, reaches(waiting, stated), answerOf(stated))
    else if (!rival || kept.has(stream)) {
      // Others may have brought it to where it was expected since it was seen elsewhere: then that is what it was refused for.
      const moved = { stream, expected, actual: AppendPlan.stands(expected, now) ? actual : now }
      // Rivals are many and are all told the same.
      if (last === null || !isThe(last, moved)) last = streamMoved(moved)
      queue.answer(waiting, false, last)
    }
  }
}

const isThe = (error: StreamMoved, { actual, expected, stream }: Pick<StreamMoved, "stream" | "expected" | "actual">) =>
  error.stream === stream && error.expected === expected && error.actual === actual

/** The first place of this very append, a refusal, or nothing: its ids are new. */
const earlier = (
  { events, stream }: Waiting,
  taken: ReadonlyMap<string, Place>
): Appended | EventIdTaken | undefined => {
  if (taken.size === 0) return undefined
  const places = events.map(({ id }) => taken.get(id))
  const index = places.findIndex((place) => place !== undefined)
  if (index < 0) return undefined
  const first = places[0]
  const last = places.at(-1)
  return first !== undefined && last !== undefined && first.stream === stream &&
      places.every((place, i) => place?.stream === stream && place.position === first.position + i)
    ? appended(first, last, true)
    : new EventIdTaken({ id: events[index]!.id, stream: places[index]!.stream })
}

const answerOf = (stated: Appended | EventIdTaken) =>
  stated instanceof EventIdTaken ? Effect.fail(stated) : Effect.succeed(stated)

/** Whether an append found to be stated already lies just where those that continue it believe. */
const reaches = ({ events, expected }: Waiting, stated: Appended | EventIdTaken): boolean =>
  !(stated instanceof EventIdTaken) && typeof expected === "number" && stated.lastVersion === expected + events.length
