/** How an import begins and ends, as its actor is told: with the whole receipt in the content store, or the reason there is none. */
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import type * as Caller from "@vivim/actor/Caller"
import type { ContentStore, ContentStoreError } from "@vivim/content-store/ContentStore"
import { type ImportCommands, ImportStatus } from "@vivim/contract/Import"
import type { ImportReceipt } from "@vivim/contract/ImportReceipt"
import type { KeysUnavailable, Locked } from "@vivim/crypto/Cipher"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import type { CommandId } from "@vivim/event-schemas/ids"
import type { ImportCounts } from "@vivim/event-schemas/import/ImportCounts"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { noCounts } from "./ImportView.ts"
import { type LostImport, reason } from "./Lost.ts"
import type { ReceiptRaw } from "./ReceiptRaws.ts"
import type { Job, Spool } from "./Spool.ts"

interface Ending {
  readonly job: Job
  readonly spool: Spool
  readonly ask: Ask
  readonly content: Context.Tag.Service<ContentStore>
  /** Forgets contents, but for what other conversations have. */
  readonly drop: (hashes: ReadonlyArray<string>) => Effect.Effect<void, Locked | ContentStoreError | KeysUnavailable>
  /** What came in of an import that is stopped. */
  readonly soFar: Effect.Effect<Result>
}

export interface Result {
  readonly receipt: ImportReceipt
  /** Raw records no conversation's own events speak of. */
  readonly raws: ReadonlyArray<ReceiptRaw>
  /** Contents of conversations that take in nothing more. */
  readonly dropped: ReadonlyArray<string>
}

/** Someone stopped the import. */
export class Cancelled {
  readonly _tag = "Cancelled"
}

export const begun = ({ bytes, importId, name, startedAt }: Job): ImportStatus =>
  new ImportStatus({
    importId,
    name,
    state: "running",
    format: null,
    bytes: { read: 0, total: bytes },
    counts: noCounts,
    refusal: null,
    startedAt,
    finishedAt: null
  })

type Outcome = "imported" | "refused" | "cancelled"
type Ask = Caller.Client<RpcGroup.Rpcs<typeof ImportCommands>>

/** The command's id is derived from the import: said again after a crash, it gets the first answer. */
const tell = (
  ask: Ask,
  { importId, owner }: Pick<Job, "importId" | "owner">,
  end: {
    readonly outcome: Outcome
    readonly receipt: ContentRef | null
    readonly format: string | null
    readonly counts: ImportCounts | null
    readonly refusal: string | null
  }
) =>
  ask("FinishImport", {
    commandId: CommandIds.derive(importId as string as CommandId, "finish"),
    importId,
    ...end
  }, { by: owner, device: null }).pipe(Effect.catchTag("NothingToChange", () => Effect.void))

const finish = (ending: Ending, outcome: Outcome, result: Result | null, refusal: string | null) =>
  Effect.gen(function*() {
    const { ask, content, drop, job, spool } = ending
    // Now that all is in: what one conversation left another may have brought.
    if (result !== null) yield* drop(result.dropped)
    const receipt = result === null
      ? null
      : yield* content.put(
        job.owner,
        Buffer.from(JSON.stringify({ ...result.receipt, raws: result.raws })),
        "application/json"
      )
    yield* tell(ask, job, {
      outcome,
      receipt,
      format: result?.receipt.format ?? null,
      counts: result === null ? null : { conversations: result.receipt.conversations, nodes: result.receipt.nodes },
      refusal
    })
    yield* spool.remove(job.importId)
  }).pipe(
    Effect.retry(
      Schedule.exponential("200 millis").pipe(
        Schedule.union(Schedule.spaced("10 seconds")),
        Schedule.intersect(Schedule.recurs(100))
      )
    ),
    // The spool still holds the job: the next start ends it.
    Effect.catchAllCause((cause) => Effect.logError(`import ${ending.job.importId} could not be ended`, cause))
  )

/** An import whose file is gone ends as refused: only its owner can bring the file again. */
export const lost = (ask: Ask, gone: LostImport) =>
  tell(ask, gone, { outcome: "refused", receipt: null, format: null, counts: null, refusal: reason })

export const imported = (ending: Ending, result: Result) => finish(ending, "imported", result, null)

/** A run that failed ends as what it was: cancelled with what came in, refused with the reason. */
export const failed = (ending: Ending, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  const error = Option.getOrUndefined(Cause.failureOption(cause)) as {
    readonly _tag?: string
    readonly message?: string
  } | undefined
  if (error?._tag === "Cancelled") {
    return Effect.flatMap(ending.soFar, (result) => finish(ending, "cancelled", result, null))
  }
  if (error?._tag === "ImportRefused") {
    return finish(ending, "refused", null, error.message ?? "the file cannot be read")
  }
  return Effect.zipRight(
    Effect.logError(`import ${ending.job.importId} failed`, cause),
    finish(ending, "refused", null, `The import stopped: ${error?.message ?? Cause.pretty(cause).split("\n")[0]}`)
  )
}
