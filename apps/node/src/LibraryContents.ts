/** Which contents a library's conversations have, once it has seen everything that was said so far. */
import { Locked } from "@vivim/crypto/Cipher"
import * as ConversationContents from "@vivim/document/ConversationContents"
import { EventStore } from "@vivim/event-store/EventStore"
import { ContentsInUse } from "@vivim/import/ContentsInUse"
import { Views } from "@vivim/projection/Views"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export const layer = Layer.effect(
  ContentsInUse,
  Effect.gen(function*() {
    const [eventStore, views, databases] = [yield* EventStore, yield* Views, yield* UserDatabases]
    return {
      of: (owner, hashes) =>
        Effect.gen(function*() {
          yield* Effect.flatMap(eventStore.head, (head) => views.waitFor(head, owner))
          return yield* ConversationContents.usedElsewhere(owner, hashes, "")
        }).pipe(
          Effect.provideService(UserDatabases, databases),
          Effect.catchAll((error): Effect.Effect<ReadonlySet<string>, Locked> =>
            // Who cannot tell takes nothing away.
            error._tag === "UserLocked" ? Effect.fail(new Locked({ owner })) : Effect.succeed(hashes)
          )
        )
    }
  })
)
