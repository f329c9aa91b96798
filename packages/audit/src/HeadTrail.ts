/**
 * The way through the signed heads of a log, from the first one on, page by page: which of them can be believed, and which is the
 * first that cannot.
 *
 * W1  Every head is looked at: its number follows, its size does not shrink, its row says what its note says, and this log's own
 *     key signed it.
 * W2  A head that was issued and is not kept any more is missed.
 */
import * as Effect from "effect/Effect"
import { AuditStore, type AuditStoreError, type TreeHead } from "./AuditStore.ts"
import * as Checkpoint from "./Checkpoint.ts"
import type { IssuedHead } from "./HeadFile.ts"
import type { NoteKey } from "./SignedNote.ts"

/** A head that the key vouches for. */
export interface TrustedHead extends Checkpoint.Checkpoint {
  readonly number: number
}

export interface BadHead {
  /** Of the log, up to which the heads before it agree. */
  readonly size: number
  readonly problem: string
}

export interface HeadTrail {
  /** The next head that can be believed, or null behind the last one. */
  readonly next: Effect.Effect<TrustedHead | null, AuditStoreError>
  /** The first that could not, so far. */
  readonly bad: () => BadHead | null
  /** How many were looked at. */
  readonly seen: () => number
}

/** Heads read at once. */
const PageMax = 1_000

/** What keeps a head from being believed, or null. */
const problemOf = (
  head: TreeHead,
  checkpoint: Checkpoint.Checkpoint | null,
  before: TreeHead | null
): string | null => {
  const number = (before?.number ?? 0) + 1
  if (head.number !== number) return `head ${number} is missing: the heads go on with ${head.number}`
  if (checkpoint === null) return `head ${head.number} was not signed by this node's key for this log`
  if (checkpoint.size !== head.size || Buffer.compare(checkpoint.root, head.root) !== 0) {
    return `head ${head.number} says something else than what was signed`
  }
  return before !== null && head.size < before.size ? `head ${head.number} is smaller than the one before it` : null
}

/** `upTo`: the newest head when the audit began. `issued`: what this process last signed, wherever the database stands. */
export const begin = (
  key: NoteKey,
  upTo: number,
  issued: IssuedHead | null
): Effect.Effect<HeadTrail, never, AuditStore> =>
  Effect.map(AuditStore, (store) => {
    let page: ReadonlyArray<TreeHead> = []
    let at = 0
    let seen = 0
    let before: TreeHead | null = null
    let bad: BadHead | null = null
    let ended = false
    const miss = (problem: string) => {
      bad ??= { size: before?.size ?? 0, problem }
    }
    /** What is left when the database has no more: the head beside the key. */
    const last = (): TrustedHead | null => {
      if (ended || issued === null) return null
      ended = true
      const checkpoint = Checkpoint.opened(issued.note, key)
      if (checkpoint === null) {
        miss(`head ${issued.number} in the node's own file was not signed by its key for this log`)
        return null
      }
      if (issued.number <= (before?.number ?? 0)) return null
      miss(`head ${issued.number} was issued, but the newest kept one is ${before?.number ?? "none"}`)
      return { ...checkpoint, number: issued.number }
    }
    const next: HeadTrail["next"] = Effect.suspend(() => {
      const head = page[at++]
      if (head === undefined) {
        const after = before?.number ?? 0
        if (after >= upTo) return Effect.sync(last)
        return Effect.flatMap(store.heads(after, Math.min(PageMax, upTo - after)), (heads) => {
          page = heads
          at = 0
          return heads.length === 0 ? Effect.sync(last) : next
        })
      }
      seen++
      const checkpoint = Checkpoint.opened(head.note, key)
      const problem = problemOf(head, checkpoint, before)
      if (problem !== null) miss(problem)
      before = head
      return checkpoint === null || problem !== null ? next : Effect.succeed({ ...checkpoint, number: head.number })
    })
    return { next, bad: () => bad, seen: () => seen }
  })
