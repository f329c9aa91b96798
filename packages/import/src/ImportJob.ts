/**
 * Runs one import from the spool to its receipt. What is done is noted as it is done; a run that was cut off goes on there.
 *
 * J1  However often a run is cut off, the receipt is that of one that was not.
 * J2  A file nobody can read ends as refused, with the reason; the node goes on.
 */
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import type * as ActorHost from "@vivim/actor/ActorHost"
import type { ContentStoreError, ContentTooLarge } from "@vivim/content-store/ContentStore"
import type { DocumentCommands } from "@vivim/contract/Document"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import type { ImportCounts } from "@vivim/event-schemas/import/ImportCounts"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { ChunkLimits } from "./Chunks.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import * as Read from "./Read.ts"
import type { Item, Keep, NodeCounts } from "./Reader.ts"
import type { Job, Spool } from "./Spool.ts"
import { takeIn, type TakenIn } from "./TakeIn.ts"
import { addOutcome, emptyTally, receiptOf } from "./Tally.ts"

/** What a run leans on. */
export interface Work {
  readonly job: Job
  readonly spool: Spool
  readonly limits: ImportLimits
  readonly chunk: ChunkLimits
  /** Items worked on at the same time. */
  readonly parallel: number
  /** Documents are visited, not woken: nobody talks to most of them during an import. */
  readonly visit: ActorHost.Visit<RpcGroup.Rpcs<typeof DocumentCommands>>
  readonly keep: Keep
  readonly keepRaw: (raw: Uint8Array) => Effect.Effect<ContentRef, ContentStoreError | ContentTooLarge>
  /** Told after every item. */
  readonly progress: (now: Progress) => Effect.Effect<void>
}

export interface Progress {
  readonly format: string
  readonly bytes: Read.Progress
  readonly counts: ImportCounts
}

const noNodes: NodeCounts = { found: 0, kept: 0, hidden: 0, merged: 0, quarantined: 0 }

interface Done extends TakenIn {
  readonly index: number
}

export const run = Effect.fn("ImportJob.run")(function*(work: Work) {
  const noted = (yield* work.spool.noted(work.job.importId)) as ReadonlyArray<Done>
  const done = new Map(noted.map((one) => [one.index, one]))
  let skip = 0
  while (done.has(skip)) skip++
  const reading = yield* Read.open(work.spool.file(work.job.importId), { limits: work.limits, keep: work.keep, skip })

  /** What became of each conversation so far, to settle a newer state of it by. */
  const statusOf = new Map(noted.map(({ outcome }) => [outcome.id, outcome.status]))
  const settle = (item: Item, taken: TakenIn, index: number): Done => {
    const before = statusOf.get(taken.outcome.id)
    statusOf.set(taken.outcome.id, taken.outcome.status)
    const replaces = item._tag === "Conversation" && item.supersedes !== null &&
      (before === "imported" || before === "empty")
    // The older state's nodes stay where the archive counted them: they came in, and the newer state added to them.
    const supersedes = replaces ? { status: before, nodes: noNodes } : null
    return { ...taken, outcome: { ...taken.outcome, supersedes }, index }
  }

  let tally = [...done.values()].reduce((sum, { outcome }) => addOutcome(sum, outcome), emptyTally(reading.format))
  const finish = (one: Done) =>
    Effect.gen(function*() {
      yield* work.spool.note(work.job.importId, [one])
      done.set(one.index, one)
      tally = addOutcome(tally, one.outcome)
      yield* work.progress({ format: reading.format, bytes: yield* reading.progress, counts: tally })
    })

  const order = yield* inOrder(work.parallel)
  yield* reading.items.pipe(
    Stream.zipWithIndex,
    Stream.map(([item, at]) => ({ item, index: at + skip })),
    Stream.filter(({ index }) => !done.has(index)),
    Stream.mapEffect(
      ({ index, item }) =>
        order(
          item,
          Effect.flatMap(withPatience(takeIn(work, item, index)), (taken) => finish(settle(item, taken, index)))
        ),
      {
        concurrency: work.parallel,
        unordered: true
      }
    ),
    Stream.runDrain
  )

  return sumUp(done.values(), reading.format)
})

/** What an unfinished run has done, as a receipt. */
export const soFar = (spool: Spool, importId: Job["importId"]) =>
  spool.noted(importId).pipe(
    Effect.catchAll(() => Effect.succeed([])),
    Effect.map((noted) => sumUp(noted as ReadonlyArray<Done>, "unfinished"))
  )

const sumUp = (done: Iterable<Done>, format: string) => {
  const all = [...done].toSorted((a, b) => a.index - b.index)
  const receipt = receiptOf(all.reduce((sum, { outcome }) => addOutcome(sum, outcome), emptyTally(format)))
  return { receipt, raws: all.flatMap(({ outcome, raw }) => raw === null ? [] : [{ id: outcome.id, raw }]) }
}

/** A newer state of a conversation waits for the older one: it goes alone, everything else side by side. */
const inOrder = (parallel: number) =>
  Effect.map(
    Effect.makeSemaphore(parallel),
    (places) => <A, E, R>(item: Item, work: Effect.Effect<A, E, R>) =>
      places.withPermits(item._tag === "Conversation" && item.supersedes !== null ? parallel : 1)(work)
  )

/** While only the weather is bad, an item waits: nothing is quarantined because a database was away. */
const withPatience = <A, E extends { readonly _tag: string }, R>(work: Effect.Effect<A, E, R>) =>
  Effect.retry(work, {
    while: (error) => error._tag === "Unavailable" || error._tag === "ContentStoreError",
    schedule: Schedule.exponential("200 millis").pipe(Schedule.union(Schedule.spaced("5 seconds")))
  })
