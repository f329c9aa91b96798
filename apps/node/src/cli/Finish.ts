/** Follows work that tells how far it is, and answers with its outcome. */
import type { Progress } from "@vivim/contract/Operator"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { couldNot } from "./Ended.ts"
import * as ProgressLine from "./ProgressLine.ts"

/** Progress goes to the progress line; what is not progress is the outcome. */
export const finish = <A extends { readonly _tag: string }, const Tag extends A["_tag"], E, R>(
  work: Stream.Stream<Progress | A, E, R>,
  tag: Tag
): Effect.Effect<Extract<A, { readonly _tag: Tag }>, E | ReturnType<typeof couldNot>, R> =>
  Effect.gen(function*() {
    const line = yield* ProgressLine.make
    let outcome: A | null = null
    yield* Stream.runForEach(work, (step) => {
      if ("_tag" in step && step._tag === tag) {
        outcome = step
        return Effect.void
      }
      const { doing, done, total } = step as Progress
      return line.show(`${doing}: ${ProgressLine.of(done, total)} (${done} of ${total})`)
    }).pipe(Effect.ensuring(line.end))
    return (outcome ?? (yield* couldNot("The node ended the work without an outcome."))) as Extract<
      A,
      { readonly _tag: Tag }
    >
  })
