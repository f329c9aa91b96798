/** Keeps new data keys many at a time: whatever waits when the last statement returns travels in the next one. */
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type { KeysUnavailable } from "../Cipher.ts"
import type { KeyRow, VaultRows } from "./VaultRows.ts"

/** Keys of one statement. */
const togetherMax = 512

interface Waiting {
  readonly row: KeyRow
  readonly kept: Deferred.Deferred<KeyRow | null, KeysUnavailable>
}

export interface KeyWriter {
  /** Answers when the key is durable: this one, or the one that was in its place before; null when it was not kept. */
  readonly keep: (row: KeyRow) => Effect.Effect<KeyRow | null, KeysUnavailable>
}

export const make = (rows: Context.Tag.Service<typeof VaultRows>) =>
  Effect.gen(function*() {
    const waiting = yield* Queue.bounded<Waiting>(togetherMax)
    yield* Queue.takeBetween(waiting, 1, togetherMax).pipe(
      Effect.flatMap((chunk) => {
        const all = [...chunk]
        return Effect.flatMap(
          Effect.exit(rows.keep(all.map(({ row }) => row))),
          (exit) =>
            Effect.forEach(
              all,
              ({ kept }, n) => Deferred.done(kept, Exit.map(exit, (there) => there[n] ?? null)),
              { discard: true }
            )
        )
      }),
      Effect.forever,
      Effect.forkScoped
    )
    return {
      keep: (row) =>
        Effect.gen(function*() {
          const kept = yield* Deferred.make<KeyRow | null, KeysUnavailable>()
          yield* Queue.offer(waiting, { row, kept })
          return yield* Deferred.await(kept)
        })
    } satisfies KeyWriter
  })
