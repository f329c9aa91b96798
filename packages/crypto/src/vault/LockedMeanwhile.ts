/** Ada's vault locked in the middle of something, for tests: at each of many moments of it in turn. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { KeyVault } from "./KeyVault.ts"
import { ada } from "./VaultExample.ts"

/** Where something is cut: others go first after so many steps (with fewer it would not begin), and the cut comes after so many turns. */
export const moments = Array.from({ length: 8 * 12 }, (_, n) => ({ steps: 12 + n % 8, turns: Math.floor(n / 8) }))

/** Ada is locked at this moment of it. */
export const lockedAt = <A, E>(
  vault: KeyVault["Type"],
  work: Effect.Effect<A, E>,
  { steps, turns }: (typeof moments)[number]
) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Effect.withMaxOpsBeforeYield(work, steps))
    yield* Effect.repeatN(Effect.yieldNow(), turns)
    yield* vault.lock(ada)
    yield* Fiber.await(fiber)
  })
