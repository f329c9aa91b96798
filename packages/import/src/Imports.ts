/**
 * Imports: files come in, wait in the spool, are worked on, and end with a receipt. Those a crash cut off go on at the next start.
 *
 * B1  An import that has started ends, with a receipt or a reason, whatever crashes between.
 * B2  A cancelled import keeps what came in, and says so in its receipt.
 * B3  An import that had started and whose file is gone ends at the next start, once, and its owner is told what to do.
 * B4  Where a node has several processes, each works on what was brought to it, ends no other's imports, and any can stop any.
 * B5  Of who has left nothing is taken in any more: what waited is gone from the spool.
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as ActorHost from "@vivim/actor/ActorHost"
import type * as Caller from "@vivim/actor/Caller"
import { ContentStore } from "@vivim/content-store/ContentStore"
import type { DocumentCommands } from "@vivim/contract/Document"
import { ImportAddress, type ImportCommands, ImportStatus } from "@vivim/contract/Import"
import { type LimitExceeded, type NotAllowed, type Unavailable, VaultLocked } from "@vivim/contract/Refusal"
import { Locked } from "@vivim/crypto/Cipher"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import type { ChunkLimits } from "@vivim/event-schemas/document/Chunks"
import type { CommandId, Did, ImportId } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Stream from "effect/Stream"
import { cleanLabel } from "./CleanText.ts"
import { ContentsInUse } from "./ContentsInUse.ts"
import { Homes } from "./Homes.ts"
import * as ImportEnd from "./ImportEnd.ts"
import * as ImportJob from "./ImportJob.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import { EntryBroken } from "./ImportRefused.ts"
import { keyOf } from "./ImportView.ts"
import * as Lost from "./Lost.ts"
import { Notes } from "./Notes.ts"
import * as Spool from "./Spool.ts"
import * as SpoolSeal from "./SpoolSeal.ts"

export interface Options {
  readonly spool: string
  readonly limits: ImportLimits
  readonly chunk: ChunkLimits
  readonly parallel: number
  readonly runningMax: number
  readonly uploadBytesMax: number
  /** The way to the conversations' actors. */
  readonly visit: ActorHost.Visit<RpcGroup.Rpcs<typeof DocumentCommands>>
}

type Refused = Unavailable | VaultLocked | NotAllowed | LimitExceeded

export class Imports extends Context.Tag("@vivim/import/Imports")<Imports, {
  /** Takes a file in and answers as soon as it lies whole in the spool; the import goes on by itself. */
  readonly start: <E>(file: {
    readonly owner: Did
    readonly name: string
    readonly bytes: Stream.Stream<Uint8Array, E>
  }) => Effect.Effect<ImportId, E | Spool.SpoolError | Spool.UploadTooLarge | Refused>
  /** How far someone's running imports are. */
  readonly running: (owner: Did) => ReadonlyArray<ImportStatus>
  /** Stops a running import of this owner; false when there is none. */
  readonly cancel: (owner: Did, importId: ImportId) => Effect.Effect<boolean>
}>() {}

export const layer = (options: Options) => Layer.scoped(Imports, make(options))

interface Running {
  status: ImportStatus
  readonly owner: Did
  readonly cancelled: Deferred.Deferred<never, ImportEnd.Cancelled>
}

/** Where pictures, attachments and raw records go. A picture that is too large is one that cannot be read; it stops nobody. */
const keepers = (
  content: Context.Tag.Service<ContentStore>,
  owner: Did
): Pick<ImportJob.Work, "keep" | "keepRaw"> => ({
  keep: (bytes, { mime, name }) =>
    content.putStream(owner, bytes, mime).pipe(
      // Only the weather passes: an entry that is broken, or breaks a bound, is so the next time as well.
      Effect.retry({
        while: ({ _tag }) => _tag === "ContentStoreError" || _tag === "Locked",
        schedule: ImportJob.patience
      }),
      Effect.catchTags({
        ContentStoreError: Effect.die,
        Locked: Effect.die,
        ContentTooLarge: ({ max }) => new EntryBroken({ name, reason: `has more than ${max} bytes` })
      })
    ),
  keepRaw: (raw) => content.put(owner, raw, "application/json")
})

/** Forgets what was kept in vain, with its keys. */
const dropping = Effect.map(
  Effect.all([ContentStore, KeyVault, ContentsInUse]),
  ([content, vault, inUse]) => (owner: Did) => (hashes: ReadonlyArray<string>) =>
    hashes.length === 0 ? Effect.void : Effect.flatMap(
      inUse.of(owner, new Set(hashes)),
      (used) =>
        content.forget(owner, hashes.filter((hash) => !used.has(hash)), (stream) => vault.destroy({ owner, stream }))
    )
)

/** What a run is given: whoever watches sees how far it is. */
const workOf = (
  options: Options,
  spool: Spool.Spool,
  keep: ReturnType<typeof keepers>,
  job: Spool.Job,
  now: Running,
  wake: Effect.Effect<void>
): ImportJob.Work => ({
  ...options,
  ...keep,
  job,
  spool,
  // A re-import brings little that is new, and shows it from the first conversations on.
  presumeNew: () => {
    const { found, merged } = now.status.counts.conversations
    return merged * 2 <= found
  },
  progress: (progress) =>
    Effect.suspend(() => {
      now.status = new ImportStatus({ ...now.status, ...progress })
      return wake
    })
})

/** Tells the import's actor, once: the id of the command is the import's own. */
const begin = (ask: Caller.Client<RpcGroup.Rpcs<typeof ImportCommands>>, { bytes, importId, name, owner }: Spool.Job) =>
  ask("StartImport", { commandId: importId as string as CommandId, importId, name, bytes }, {
    by: owner,
    device: null
  }).pipe(
    Effect.catchTag("NothingToChange", () => Effect.void)
  )

/** A start waits for the disk and the database. */
const again = Schedule.spaced("5 seconds")

/** Takes up what an earlier life left: what lies in the spool goes on, what has started and lies nowhere ends. */
const resume = Effect.fnUntraced(function*(
  spool: Spool.Spool,
  eventStore: Context.Tag.Service<EventStore>,
  homes: Context.Tag.Service<Homes>,
  looked: Effect.Effect<unknown>,
  each: {
    readonly goOn: (job: Spool.Job) => Effect.Effect<unknown, unknown>
    readonly end: (lost: Lost.LostImport) => Effect.Effect<unknown, unknown>
  }
) {
  const upTo = yield* Effect.retry(eventStore.head, again)
  const jobs = yield* Effect.retry(spool.waiting, again)
  yield* looked
  const here = new Set(jobs.map(({ importId }) => importId))
  const endLost = Effect.retry(Lost.find(eventStore, spool, upTo), again).pipe(
    Effect.map((lost) => lost.filter(({ importId }) => !here.has(importId))),
    Effect.flatMap(Effect.filter(({ importId }) => Effect.negate(homes.isElsewhere(importId)))),
    Effect.flatMap(Effect.forEach(each.end, { discard: true }))
  )
  const goOn = Effect.forEach(jobs, each.goOn, { concurrency: "unbounded", discard: true })
  yield* Effect.all([goOn, endLost], { concurrency: "unbounded", discard: true })
})

/** Of who has left nothing is taken in any more: their file goes, unread. */
const unless = (vault: Context.Tag.Service<KeyVault>, spool: Spool.Spool, { importId, owner }: Spool.Job) => {
  const left = Effect.repeat(Effect.sync(() => vault.state(owner) === "gone"), {
    until: (isGone) => isGone,
    schedule: Schedule.spaced("1 second")
  })
  return <A, E, R>(work: Effect.Effect<A, E, R>) =>
    Effect.raceFirst(work, Effect.zipRight(left, Effect.ignoreLogged(Effect.retry(spool.remove(importId), again))))
}

/** Fails when somebody stops the import, at this process's door or at another's. */
const halted = (homes: Context.Tag.Service<Homes>, { cancelled }: Running, { importId }: Spool.Job) =>
  Effect.raceFirst(
    Deferred.await(cancelled),
    Effect.flatMap(homes.stopped(importId), () => Effect.fail(new ImportEnd.Cancelled()))
  )

/** Stops an import that runs here, if it is this owner's, or has it stopped where it runs. */
const cancel = (homes: Context.Tag.Service<Homes>, one: Running | undefined, owner: Did, importId: ImportId) => {
  if (one === undefined) return homes.stopElsewhere(importId)
  return one.owner === owner ? Deferred.fail(one.cancelled, new ImportEnd.Cancelled()) : Effect.succeed(false)
}

/** A file comes in whole, or not at all; of who is not here none does. */
const spooled = <E>(
  spool: Spool.Spool,
  job: Omit<Spool.Job, "bytes">,
  bytes: Stream.Stream<Uint8Array, E>,
  max: number
) =>
  Effect.catchIf(
    spool.take(job, bytes, max),
    (error) => error instanceof Locked,
    () => new VaultLocked({ message: "unlock your vault before you import" })
  )

const make = Effect.fnUntraced(function*(options: Options) {
  const spool = Spool.make(options.spool, SpoolSeal.keysOf(yield* PayloadCipher))
  const reactivity = yield* Reactivity.Reactivity
  const fibers = yield* FiberMap.make<ImportId>()
  const places = yield* Effect.makeSemaphore(options.runningMax)
  const running = new Map<ImportId, Running>()
  const askImport = yield* ActorHost.client(ImportAddress)
  const content = yield* ContentStore
  const vault = yield* KeyVault
  const dropOf = yield* dropping
  const [eventStore, homes] = [yield* EventStore, yield* Homes]
  const beginHere = (job: Spool.Job) => Effect.zipRight(homes.settle(job.importId), begin(askImport, job))

  /** Works a job off and ends it, in a fiber of its own. A node that stops leaves it in the spool. */
  const launch = Effect.fnUntraced(function*(job: Spool.Job) {
    const now: Running = {
      status: ImportEnd.begun(job),
      owner: job.owner,
      cancelled: yield* Deferred.make<never, ImportEnd.Cancelled>()
    }
    running.set(job.importId, now)
    const wake = reactivity.invalidate([keyOf(job.owner)])
    yield* wake
    const work = workOf(options, spool, keepers(content, job.owner), job, now, wake)
    const ending = { spool, ask: askImport, content, job, drop: dropOf(job.owner), soFar: ImportJob.soFar(work) }
    // One that still waits for its place can be stopped as well.
    const run = Effect.raceFirst(places.withPermits(1)(ImportJob.run(work)), halted(homes, now, job))
    yield* FiberMap.run(
      fibers,
      job.importId,
      Effect.matchCauseEffect(run, {
        onSuccess: (result) => ImportEnd.imported(ending, result),
        onFailure: (cause) => ImportEnd.failed(ending, cause)
      }).pipe(
        unless(vault, spool, job),
        Effect.zipRight(Effect.sync(() => running.delete(job.importId))),
        Effect.zipRight(homes.leave(job.importId)),
        Effect.zipRight(wake)
      )
    )
  })

  // What lies in the spool before anything new comes: an upload under way must not be taken for a broken one.
  const looked = yield* Deferred.make<void>()
  yield* Effect.forkScoped(resume(spool, eventStore, homes, Deferred.succeed(looked, undefined), {
    // One whose owner's keys are not here waits for them.
    goOn: (waiting) =>
      Effect.flatMap(
        Effect.retry(spool.unseal(waiting), again),
        (job) => Effect.zipRight(Effect.retry(beginHere(job), again), launch(job))
      ).pipe(unless(vault, spool, waiting)),
    end: (lost) => Effect.retry(ImportEnd.lost(askImport, lost), again)
  }))

  return Imports.of({
    start: Effect.fn("Imports.start")(function*({ bytes, name, owner }) {
      yield* Deferred.await(looked)
      const importId = (yield* CommandIds.next) as string as ImportId
      const startedAt = yield* Clock.currentTimeMillis
      // Whoever uploads names the file: half a character, or a NUL, would be in no event.
      const label = cleanLabel(name, new Notes())
      const job = yield* spooled(spool, { importId, owner, name: label, startedAt }, bytes, options.uploadBytesMax)
      yield* beginHere(job)
      yield* launch(job)
      return importId
    }),
    running: (owner) => [...running.values()].filter((one) => one.owner === owner).map(({ status }) => status),
    cancel: (owner, importId) => Effect.suspend(() => cancel(homes, running.get(importId), owner, importId))
  })
})
