/** Tries the tree a log was found to have: proves events and heads out of the kept tiles, as it would for others, and verifies the proofs. */
import * as Effect from "effect/Effect"
import { AuditStore } from "./AuditStore.ts"
import { verifyConsistency, verifyInclusion } from "./MerkleTree.ts"
import * as TreeProof from "./TreeProof.ts"
import type { Mark } from "./TreeTrail.ts"

export interface Leaf {
  readonly position: number
  readonly hash: Uint8Array
}

/** So many of each are tried, spread over the log. */
const ProofsMax = 256

/** Keeps some of many, evenly spread, without knowing how many will come. */
export class Sample<A> {
  readonly kept: Array<A> = []
  private every = 1
  private seen = 0

  offer(one: A): void {
    if (this.seen++ % this.every !== 0) return
    this.kept.push(one)
    if (this.kept.length < 2 * ProofsMax) return
    this.kept.splice(0, this.kept.length, ...this.kept.filter((_, i) => i % 2 === 0))
    this.every *= 2
  }
}

export interface Proven {
  readonly inclusions: number
  readonly consistencies: number
  /** The size of the tree out of which something could not be proven, and what; null when all could. */
  readonly failed: { readonly size: number; readonly problem: string } | null
}

/** Of each leaf in the last mark, and of each mark in the next one. */
export const prove = Effect.fn("TrailProofs.prove")(function*(
  leaves: ReadonlyArray<Leaf>,
  marks: ReadonlyArray<Mark>
) {
  const { tiles } = yield* AuditStore
  const last = marks.at(-1)
  let inclusions = 0
  let consistencies = 0
  const failed = (size: number, problem: string): Proven => ({ inclusions, consistencies, failed: { size, problem } })
  const orNull = <A, E>(proof: Effect.Effect<A, E | TreeProof.TreeDamaged>) =>
    Effect.catchTag(proof as Effect.Effect<A, TreeProof.TreeDamaged>, "TreeDamaged", () => Effect.succeed(null))

  for (const { hash, position } of leaves) {
    if (last === undefined || position > last.size) continue
    const proof = yield* orNull(TreeProof.inclusion(tiles, position - 1, last.size))
    if (proof === null || !verifyInclusion(hash, position - 1, last.size, proof, last.root)) {
      return failed(last.size, `the kept tree does not prove event ${position} to be in the log of ${last.size}`)
    }
    inclusions++
  }
  for (const [i, mark] of marks.entries()) {
    const next = marks[i + 1]
    if (next === undefined) continue
    const proof = yield* orNull(TreeProof.consistency(tiles, mark.size, next.size))
    if (proof === null || !verifyConsistency(mark, next, proof)) {
      return failed(next.size, `the kept tree does not prove the log of ${next.size} to continue that of ${mark.size}`)
    }
    consistencies++
  }
  return { inclusions, consistencies, failed: null } satisfies Proven
})
