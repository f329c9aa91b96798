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
import type { Locked } from "@vivim/crypto/Cipher"
import type { ChunkLimits } from "@vivim/event-schemas/document/Chunks"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import type { ImportCounts } from "@vivim/event-schemas/import/ImportCounts"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { ImportLimits } from "./ImportLimits.ts"
import * as Read from "./Read.ts"
import type { Item, Keep, NodeCounts } from "./Reader.ts"
import type { ReceiptRaw } from "./ReceiptRaws.ts"
import type { Job, Spool } from "./Spool.ts"
import { documentIdOf, takeIn, type TakenIn } from "./TakeIn.ts"
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
  /** Whether most conversations are new to the archive, as far as can be told. */
  readonly presumeNew: () => boolean
  readonly keep: Keep
  readonly keepRaw: (raw: Uint8Array) => Effect.Effect<ContentRef, Locked | ContentStoreError | ContentTooLarge>
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
  const standing: Standing = new Map()
  for (const one of noted) stand(standing, one)
  let skip = 0
  while (done.has(skip)) skip++
  const reading = yield* Read.open(work.spool.file(work.job.importId), { limits: work.limits, keep: work.keep, skip })
  let tally = [...done.values()].reduce((sum, { outcome }) => addOutcome(sum, outcome), emptyTally(reading.format))
  let index = skip

  /** Side by side, but a newer state of a conversation waits for the older one: it begins a group of its own. */
  const takeGroup = Effect.fnUntraced(function*(items: ReadonlyArray<Item>) {
    const first = index
    index += items.length
    const waiting = items.map((item, at) => ({ item, index: first + at })).filter((one) => !done.has(one.index))
    const settled: Array<Done> = []
    const take = ({ index, item }: typeof waiting[number]) =>
      Effect.map(
        takeOne(work, item, index),
        (taken) => settled.push(named(work.job.owner, item, settle(item, taken, standing, index)))
      )
    // Whoever stops the import waits for what is on its way, so that all that came in is noted.
    yield* Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
      const end = yield* Effect.exit(
        restore(Effect.forEach(waiting, (one) => Effect.uninterruptible(take(one)), { concurrency: "unbounded" }))
      )
      yield* work.spool.note(work.job.importId, settled)
      yield* end
    }))
    for (const one of settled) {
      done.set(one.index, one)
      stand(standing, one)
      tally = addOutcome(tally, one.outcome)
    }
    yield* work.progress({ format: reading.format, bytes: yield* reading.progress, counts: tally })
  })

  yield* reading.items.pipe(
    Stream.rechunk(work.parallel),
    Stream.chunks,
    Stream.runForEach((chunk) => Effect.forEach(groups([...chunk]), takeGroup, { discard: true }))
  )
  return sumUp(done.values(), reading.format)
})

const groups = (items: ReadonlyArray<Item>): ReadonlyArray<ReadonlyArray<Item>> => {
  const all: Array<Array<Item>> = [[]]
  for (const item of items) {
    if (item._tag === "Conversation" && item.supersedes !== null) all.push([item], [])
    else all.at(-1)!.push(item)
  }
  return all.filter((group) => group.length > 0)
}

/** While only the weather is bad, an item waits: nothing is quarantined because a database was away. Only the waiting can be stopped. */
const takeOne = (work: Work, item: Item, index: number) =>
  Effect.catchIf(
    takeIn(work, item, index),
    (error) => waits.has(error._tag),
    () => Effect.interruptible(Effect.retry(takeIn(work, item, index), patience))
  )

/** With the conversation it is in the archive. One without a word is there only where a VIVIM node had it. */
const named = (owner: string, item: Item, done: Done): Done =>
  "sourceId" in item && (done.outcome.status !== "empty" || "restated" in item)
    ? { ...done, outcome: { ...done.outcome, document: documentIdOf(owner, item.provider, item.sourceId) } }
    : done

/** What passes: the weather, and that the owner's vault is locked. */
const waits: ReadonlySet<string> = new Set(["Unavailable", "ContentStoreError", "VaultLocked", "Locked"])

/** Soon, then every few seconds, for as long as it takes. */
export const patience = Schedule.exponential("200 millis").pipe(Schedule.union(Schedule.spaced("5 seconds")))

/** The states of conversations that stand in the receipt as what came in. */
type Standing = Map<string, "imported" | "empty">

const stand = (standing: Standing, { outcome: { conversation, status } }: Done): void => {
  if (conversation !== null && (status === "imported" || status === "empty")) standing.set(conversation, status)
}

/**
 * The older state's nodes stay where they were counted: they came in, and the newer state added to them. A newer state that
 * brought nothing replaces nothing: it is merged into the one that stands.
 */
const settle = (item: Item, taken: TakenIn, standing: Standing, index: number): Done => {
  const { outcome } = taken
  if (item._tag !== "Conversation" || outcome.conversation === null) return { ...taken, index }
  const before = item.supersedes === null ? undefined : standing.get(outcome.conversation)
  const status = outcome.status === "empty" && before === "imported" ? "merged" : outcome.status
  const replaces = before !== undefined && (status === "imported" || status === "empty")
  const supersedes = replaces ? { status: before, nodes: noNodes } : null
  return { ...taken, outcome: { ...outcome, status, supersedes }, index }
}

const rawOf = ({ outcome: { document, id }, raw }: Done): ReadonlyArray<ReceiptRaw> =>
  raw === null ? [] : [{ id, raw, ...document === undefined ? {} : { documentId: document } }]

/** What an unfinished run has done, as a receipt. It may have been stopped before anyone looked at its file. */
export const soFar = Effect.fn("ImportJob.soFar")(function*(work: Pick<Work, "job" | "spool" | "limits" | "keep">) {
  const { importId } = work.job
  const noted = yield* Effect.orElseSucceed(work.spool.noted(importId), () => [])
  const format = yield* Read.open(work.spool.file(importId), work).pipe(
    Effect.map((reading) => reading.format),
    Effect.orElseSucceed(() => "unknown")
  )
  return sumUp(noted as ReadonlyArray<Done>, format)
})

const sumUp = (done: Iterable<Done>, format: string) => {
  const all = [...done].toSorted((a, b) => a.index - b.index)
  const receipt = receiptOf(all.reduce((sum, { outcome }) => addOutcome(sum, outcome), emptyTally(format)))
  return { receipt, raws: all.flatMap(rawOf), dropped: all.flatMap(({ dropped = [] }) => dropped) }
}
