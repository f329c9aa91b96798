/**
 * Vouches for a range of the log before it leaves the table: that it is, event for event, what a signed tree head was signed over.
 *
 * Y1  A range is vouched for by an RFC 9162 proof from its own root to the root of a signed head, and by nothing less.
 * Y2  An event, a leaf or a tile that was altered, and a range no head covers, is not vouched for.
 *
 * A segment is a complete subtree, so its root takes the place of a leaf: the proof of its first event without the first steps.
 */
import { AuditLog } from "@vivim/audit/AuditLog"
import * as Checkpoint from "@vivim/audit/Checkpoint"
import { GrowingTree } from "@vivim/audit/GrowingTree"
import { leafHash, verifyInclusion } from "@vivim/audit/MerkleTree"
import * as TreeProof from "@vivim/audit/TreeProof"
import { ArchiveRefused } from "@vivim/event-store/PostgresArchive"
import * as Effect from "effect/Effect"

const refused = (message: string) => new ArchiveRefused({ message })

/** Signs a head over what is committed, and answers its number and what it vouches for. */
export const witness = Effect.gen(function*() {
  const { key, signHead, store } = yield* AuditLog
  const { note, number } = yield* Effect.mapError(signHead, ({ message }) => refused(message))
  const head = Checkpoint.opened(note, key)
  if (head === null) return yield* refused(`head ${number} was not signed by this node's key for this log`)

  const vouch = (first: number, hashes: ReadonlyArray<Uint8Array>): Effect.Effect<void, ArchiveRefused> =>
    Effect.gen(function*() {
      const last = first + hashes.length - 1
      const height = Math.log2(hashes.length)
      if (last > head.size || !Number.isInteger(height) || (first - 1) % hashes.length !== 0) {
        return yield* refused(
          `head ${number}, signed over ${head.size} events, says nothing of ${first} to ${last} alone`
        )
      }
      const range = new GrowingTree()
      for (const hash of hashes) range.add(leafHash(hash))
      const path = yield* Effect.mapError(
        TreeProof.inclusion(store.tiles, first - 1, head.size),
        (error) => refused(`the tree of the log cannot prove ${first} to ${last}: ${error.message || error._tag}`)
      )
      const index = (first - 1) / hashes.length
      const size = Math.ceil(head.size / hashes.length)
      if (!verifyInclusion(range.root(), index, size, path.slice(height), head.root)) {
        return yield* refused(
          `the events ${first} to ${last} are not those that head ${number} was signed over: \`vivim audit\` says which`
        )
      }
    })
  return { number, vouch }
})
