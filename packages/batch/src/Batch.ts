/**
 * Many requests in one call: whatever waits when the last call returns goes with the next one, and nobody waits for a timer.
 *
 * B1  Each request gets its own answer.
 * B2  A call that fails or breaks as a whole is the answer of all who went with it, and of nobody else.
 * B3  No call takes more than `max`; who comes when so many wait already waits for a place.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"

interface Waiting<A, B, E> {
  readonly request: A
  readonly answer: Deferred.Deferred<B, E>
}

/**
 * `call` answers each of its requests in their order, also with a failure of its own. Calls follow one another until the scope ends; a
 * request under way is not taken back when whoever made it is interrupted.
 */
export const make = <A, B, E>(
  max: number,
  call: (requests: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<Exit.Exit<B, E>>, E>
): Effect.Effect<(request: A) => Effect.Effect<B, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const waiting = yield* Queue.bounded<Waiting<A, B, E>>(max)
    const answered = (all: ReadonlyArray<Waiting<A, B, E>>) =>
      Effect.flatMap(Effect.exit(Effect.suspend(() => call(all.map(({ request }) => request)))), (exit) =>
        Effect.forEach(
          all,
          ({ answer }, n) => Deferred.done(answer, Exit.flatMap(exit, (answers) => answers[n]!)),
          { discard: true }
        ))
    yield* Queue.take(waiting).pipe(
      // Who is asking at this very moment too comes along.
      Effect.zipLeft(Effect.yieldNow()),
      Effect.flatMap((first) => Effect.flatMap(Queue.takeUpTo(waiting, max - 1), (rest) => answered([first, ...rest]))),
      Effect.forever,
      Effect.forkScoped
    )
    return (request) =>
      Effect.gen(function*() {
        const answer = yield* Deferred.make<B, E>()
        yield* Queue.offer(waiting, { request, answer })
        return yield* Deferred.await(answer)
      })
  })

/** For a call that succeeds as a whole: each answer as a success. */
export const each = <B>(answers: ReadonlyArray<B>): ReadonlyArray<Exit.Exit<B>> => answers.map(Exit.succeed)
