/** Questions to an owner's library that wait until it has seen everything that was said so far. */
import { Locked } from "@vivim/crypto/Cipher"
import { EventStore } from "@vivim/event-store/EventStore"
import { Views } from "@vivim/projection/Views"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"

/** Who is locked is told so; where the library cannot tell, `otherwise` is the answer. */
export const make = Effect.gen(function*() {
  const [eventStore, views, databases] = [yield* EventStore, yield* Views, yield* UserDatabases]
  return <A>(
    owner: string,
    question: Effect.Effect<A, { readonly _tag: string }, UserDatabases>,
    otherwise: A
  ): Effect.Effect<A, Locked> =>
    Effect.flatMap(eventStore.head, (head) => views.waitFor(head, owner)).pipe(
      Effect.zipRight(question),
      Effect.provideService(UserDatabases, databases),
      Effect.catchAll((error) =>
        error._tag === "UserLocked" ? Effect.fail(new Locked({ owner })) : Effect.succeed(otherwise)
      )
    )
})
