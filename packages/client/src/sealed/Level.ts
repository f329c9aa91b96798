/**
 * Brings conversations to the level their account wants them at, one after the other: sealed, or served.
 *
 * V1  Each is brought once, or it is said why not; whatever stops it, the receipt adds up, and begun again it goes on with what is left.
 * V2  One that cannot be brought does not hold up the others; a node that is away, or locked, does.
 */
import type { ImportId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import type * as SealedForm from "./SealedForm.ts"
import * as SealedLibrary from "./SealedLibrary.ts"
import * as Sealing from "./Sealing.ts"

type Level = "served" | "sealed"

/** `found` is all the others together. */
export interface Receipt {
  readonly level: Level
  readonly found: number
  readonly brought: number
  /** Not there any more, or brought there by another device. */
  readonly gone: number
  readonly failed: ReadonlyArray<{ readonly documentId: string; readonly title: string; readonly reason: string }>
  /** Not begun: it was stopped, or the node went away. */
  readonly left: number
  /** Why it stopped before its end, if it was not asked to. */
  readonly stopped: string | null
}

interface Watching {
  readonly onProgress?: (receipt: Receipt) => void
  /** Asked before each one. */
  readonly isStopped?: () => boolean
}

interface Answer {
  readonly _tag: string
  readonly message?: string
}

const isGone = new Set(["NoSuchDocument", "DocumentDeleted", "DocumentSealed", "DocumentNotSealed", "InTrash"])
/** What is wrong with one conversation alone. */
const isItsOwn = new Set(["LimitExceeded", "SealBroken", "FileAway", "DocumentMoved"])

/** One after the other, by `one`. */
export const each = Effect.fn("Level.each")(function*<E extends Answer, R>(
  level: Level,
  all: ReadonlyArray<Pick<SealedLibrary.Summary, "documentId" | "title">>,
  one: (documentId: SealedLibrary.Summary["documentId"]) => Effect.Effect<unknown, E, R>,
  { isStopped = () => false, onProgress = () => undefined }: Watching = {}
) {
  const failed: Array<Receipt["failed"][number]> = []
  let [brought, gone, stopped] = [0, 0, null as string | null]
  const receipt = (): Receipt => {
    const left = all.length - brought - gone - failed.length
    return { level, found: all.length, brought, gone, failed: [...failed], left, stopped }
  }
  onProgress(receipt())
  for (const { documentId, title } of all) {
    if (isStopped()) break
    const answer = yield* one(documentId).pipe(
      Effect.as(null),
      Effect.catchAll((error: E) => Effect.succeed<Answer | null>(error))
    )
    if (answer === null) brought++
    else if (isGone.has(answer._tag)) gone++
    else if (isItsOwn.has(answer._tag)) failed.push({ documentId, title, reason: answer.message ?? answer._tag })
    else {
      stopped = answer.message ?? answer._tag
      break
    }
    onProgress(receipt())
  }
  return receipt()
})

/** Those that came in by this import, or all of the account that are not in the trash. */
export const bring = Effect.fn("Level.bring")(function*(
  calls: Sealing.SealingCalls,
  ring: SealedForm.Keyring,
  level: Level,
  watching: Watching & { readonly importId?: ImportId | undefined } = {}
) {
  if (level === "sealed") {
    const all = yield* SealedLibrary.served(calls, watching.importId)
    return yield* each(level, all, (documentId) => Sealing.seal(calls, ring, documentId), watching)
  }
  const all = (yield* SealedLibrary.sealed(calls)).filter(({ trash }) => trash === null)
  return yield* each(level, all, (documentId) => Sealing.unseal(calls, ring, documentId), watching)
})
