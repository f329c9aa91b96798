/** How a room answers its public questions: in the name of the session that asks, on the room's own ground. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import { LentSession } from "@vivim/contract/Capability"
import { Unavailable, VaultLocked } from "@vivim/contract/Refusal"
import { CurrentSession, type Session } from "@vivim/contract/Session"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { watch } from "./Watch.ts"

/** What is sealed under keys that are away can be met only by who opens something: a question that opens nothing does not answer so. */
type Sealed<Tag extends string> = "Locked" extends Tag ? VaultLocked : "UserLocked" extends Tag ? VaultLocked : never

/** What the asking itself may run into is not the caller's business, but that it did is: refusals pass, the rest is weather. */
export const weatherproof = <
  A,
  E extends { readonly _tag: string },
  R,
  const Refusals extends ReadonlyArray<E["_tag"]> = []
>(
  doing: string,
  ask: Effect.Effect<A, E, R>,
  refusals?: Refusals
): Effect.Effect<A, Extract<E, { readonly _tag: Refusals[number] }> | Sealed<E["_tag"]> | Unavailable, R> =>
  Effect.catchAll(ask, (error): Effect.Effect<never, any> => {
    if (refusals?.includes(error._tag) === true) return Effect.fail(error)
    if (error._tag === "UserLocked" || error._tag === "Locked") {
      return new VaultLocked({ message: `the node cannot ${doing}: unlock your vault first` })
    }
    // After an update a view may have to be built anew before it can be read: that is no fault, and passes.
    if (error._tag === "ViewNotBuilt") return unavailable(`the node cannot ${doing} yet: it is still being built`)
    const failed = unavailable(`the node could not ${doing} just now`)
    return Effect.zipRight(Effect.logWarning(`could not ${doing}`, error), failed)
  })

const unavailable = (message: string) => new Unavailable({ message, retryAfterMs: 1_000 })

/** `R` is what the room's questions lean on; it is taken once, when the room opens. */
export const open = <R>() =>
  Effect.map(Effect.context<R | Reactivity.Reactivity>(), (ground) => ({
    /** A question answered once. */
    query: <A, E>(ask: (session: Session) => Effect.Effect<A, E, R>): Effect.Effect<A, E, CurrentSession> =>
      Effect.flatMap(CurrentSession, (session) => Effect.provide(ask(session), ground)),
    /** A question that stays open, woken by its keys. Under a capability each answer is a use of its own: it is answered once. */
    watch: <A, E>(
      ask: (session: Session) => { readonly keys: ReadonlyArray<string>; readonly ask: Effect.Effect<A, E, R> }
    ): Stream.Stream<A, E, CurrentSession> =>
      Stream.unwrap(Effect.map(CurrentSession, (session) => {
        const { ask: effect, keys } = ask(session)
        const answers = Stream.provideSomeContext(watch(keys, effect), ground)
        return session instanceof LentSession ? Stream.take(answers, 1) : answers
      }))
  }))
