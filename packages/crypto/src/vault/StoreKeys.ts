/**
 * How a store key comes, goes, and is replaced by another one.
 *
 * The other one is the only one that unlocks from one statement on; what was wrapped under the one before is reached by a bridge, and
 * wrapped anew piece by piece. Cut off anywhere, each key opens under exactly one of the two, both of which the new one opens; it goes on
 * where it was. What reads and seals meanwhile does not wait.
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Locked } from "../Cipher.ts"
import { isRight, type Secrets, secretsOf, wipeSecrets } from "./KeyRing.ts"
import { type Ground, ringOf, unwrapping } from "./KeyUse.ts"
import * as VaultHolding from "./VaultHolding.ts"
import type { Place } from "./VaultRows.ts"

/** Not the store key the owner enrolled with, or none was ever enrolled. */
export class WrongStoreKey extends Data.TaggedError("WrongStoreKey")<{ readonly owner: string }> {}

type StoreKey = Redacted.Redacted<Uint8Array>

/** How far an exchange is. */
export interface Progress {
  readonly done: number
  readonly total: number
}

/** As it is in the table: another process may have taken it further. */
const enrolled = (ground: Ground, owner: string) =>
  Effect.flatMap(ground.rows.enrolmentOf(owner), (there) => {
    const entry = ground.entries.get(owner)
    if (there === null || there.check === null || entry === undefined || entry.check === null) {
      return Effect.fail(new WrongStoreKey({ owner }))
    }
    entry.check = there.check
    return Effect.succeed({ entry, enrolment: { ...there, check: there.check } })
  })

/** Opens it with them here and in the node's other processes, and keeps no copy. */
const opened = (ground: Ground, owner: string, secrets: Secrets) =>
  Effect.flatMap(Clock.currentTimeMillis, (usedAt) => ground.together.unlocked({ owner, secrets, usedAt })).pipe(
    Effect.ensuring(Effect.sync(() => wipeSecrets(secrets)))
  )

export const unlock = Effect.fnUntraced(function*(ground: Ground, owner: string, storeKey: StoreKey) {
  const { enrolment, entry } = yield* enrolled(ground, owner)
  if (!isRight(Redacted.value(storeKey), enrolment.check)) return yield* new WrongStoreKey({ owner })
  if (entry.ring?.generation === enrolment.generation && !ground.together.isApart()) {
    return void (entry.ring.usedAt = yield* Clock.currentTimeMillis)
  }
  yield* opened(ground, owner, secretsOf(Redacted.value(storeKey), enrolment.generation))
  // Whoever left while the keys were read stays gone.
  if (ground.entries.get(owner)?.check === null) return yield* new WrongStoreKey({ owner })
})

/** Answers which store key there is now. One that was replaced by this very one before is replaced. */
export const replace = Effect.fnUntraced(function*(ground: Ground, owner: string, old: StoreKey, next: StoreKey) {
  const { enrolment } = yield* enrolled(ground, owner)
  const isDone = isRight(Redacted.value(next), enrolment.check)
  yield* unlock(ground, owner, isDone ? next : old)
  if (isDone) return enrolment.generation
  if (enrolment.bridge !== null) yield* rewrap(ground, owner, () => Effect.void)
  const ring = yield* ringOf(ground, owner)
  const entry = ground.entries.get(owner)!
  // Locked at this moment: no bridge leads to what was wiped.
  if (entry.ring !== ring) return yield* new Locked({ owner })
  const successor = ring.successor(Redacted.value(next))
  const replaced = yield* Deferred.make<void>()
  entry.replacing = replaced
  yield* ground.rows.replace(successor.enrolment, [successor.row]).pipe(
    // Somebody else was faster, here or in another process: the key that was shown is none any more.
    Effect.filterOrFail((isReplaced) => isReplaced, () => new WrongStoreKey({ owner })),
    // The old one is refused everywhere, and whoever had it open has the new one, before this is answered.
    Effect.zipRight(ground.together.tell({ kind: "enrolled", owner })),
    Effect.zipRight(opened(ground, owner, successor.secrets)),
    // Whether it was replaced is not known here: the next unlocking looks.
    Effect.tapErrorCause(() => VaultHolding.drop(ground, owner)),
    Effect.ensuring(Effect.suspend(() => {
      entry.replacing = null
      return Deferred.succeed(replaced, undefined)
    })),
    Effect.uninterruptible
  )
  return successor.enrolment.generation
})

/** Wraps anew whatever lies under the store key before, and takes the bridge away. Answers which store key there is. */
export const rewrap = <R>(ground: Ground, owner: string, told: (progress: Progress) => Effect.Effect<void, never, R>) =>
  Effect.gen(function*() {
    const { rows } = ground
    const ring = yield* ringOf(ground, owner)
    const under = ring.generation
    const total = yield* rows.countBehind(owner, under)
    let done = 0
    let after: Place = { owner, stream: "", generation: 0 }
    yield* told({ done, total })
    while (ring.isBetween) {
      const page = yield* rows.behind({ owner, under, after, max: ground.rekeyPieceMax })
      const last = page.at(-1)
      // Locked meanwhile, or replaced again: whoever unlocks goes on.
      if ((yield* ringOf(ground, owner)) !== ring || ring.generation !== under) return yield* new Locked({ owner })
      if (last === undefined) {
        // What another process kept at the last moment lies before the place that was reached.
        after = { owner, stream: "", generation: 0 }
        if (yield* rows.finish(owner, under)) yield* ground.together.tell({ kind: "enrolled", owner })
        continue
      }
      const anew = yield* unwrapping(ground, ring, () => page.map((row) => ring.rewrapped(row)))
      for (const row of yield* rows.rewrap(anew)) ring.learn(row)
      after = last
      done += page.length
      yield* told({ done, total: Math.max(done, total) })
    }
    return under
  })
