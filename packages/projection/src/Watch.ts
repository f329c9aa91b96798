/**
 * A question that stays open: its answer now, and again when one of its keys was touched and the answer is another.
 *
 * Q1  The first answer comes at once; a touch between asking and listening is never missed.
 * Q2  A burst of touches is answered a few times, not once each; the last answer holds them all.
 * Q3  An answer equal to the one before is not sent.
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

/** The shortest time between two answers to one watcher. */
const Pause = Duration.millis(100)

/** `keys` are as a view's `touches` names them. Answers are compared as JSON: they are what travels. */
export const watch = <A, E, R>(
  keys: ReadonlyArray<string>,
  ask: Effect.Effect<A, E, R>
): Stream.Stream<A, E, R | Reactivity.Reactivity> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const reactivity = yield* Reactivity.Reactivity
    const touched = yield* Queue.sliding<void>(1)
    yield* Effect.acquireRelease(
      Effect.sync(() => reactivity.unsafeRegister([...keys], () => touched.unsafeOffer(undefined))),
      (unregister) => Effect.sync(unregister)
    )
    touched.unsafeOffer(undefined)
    let last = -Infinity
    const paced = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const rest = last + Duration.toMillis(Pause) - now
      if (rest > 0) yield* Effect.sleep(rest)
      last = yield* Clock.currentTimeMillis
      return yield* ask
    })
    return Stream.fromQueue(touched).pipe(
      Stream.mapEffect(() => paced),
      Stream.changesWith((a, b) => JSON.stringify(a) === JSON.stringify(b))
    )
  }))
