/** Long work of an operator's, told while it goes on. */
import { Progress } from "@vivim/contract/Operator"
import type { Report } from "@vivim/projection/Progress"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

/** Work that tells how far it is, as a stream that ends with its outcome. */
export const told = <A, E, R>(work: (report: Report) => Effect.Effect<A, E, R>): Stream.Stream<Progress | A, E, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const steps = yield* Queue.sliding<Progress>(4)
    const fiber = yield* Effect.forkScoped(
      Effect.ensuring(
        work((progress) => Queue.offer(steps, new Progress(progress))),
        Effect.zipRight(Effect.yieldNow(), steps.shutdown)
      )
    )
    return Stream.fromQueue(steps).pipe(Stream.concat(Stream.fromEffect(fiber)))
  }))
