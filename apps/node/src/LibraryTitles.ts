/** Titles for receipts of imports, from their owner's library as it is now. */
import { Locked } from "@vivim/crypto/Cipher"
import { LibraryView } from "@vivim/document/LibraryView"
import { EventStore } from "@vivim/event-store/EventStore"
import { ReceiptTitles } from "@vivim/import/ReceiptTitles"
import { Views } from "@vivim/projection/Views"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const titles = `SELECT id, title FROM conversations WHERE id IN (SELECT value FROM json_each(?))`

export const layer = Layer.effect(
  ReceiptTitles,
  Effect.gen(function*() {
    const [eventStore, views, databases] = [yield* EventStore, yield* Views, yield* UserDatabases]
    return {
      of: (owner, ids) =>
        Effect.gen(function*() {
          yield* Effect.flatMap(eventStore.head, (head) => views.waitFor(head, owner))
          const rows = yield* databases.read(
            owner,
            LibraryView,
            (db) => db.all<{ readonly id: string; readonly title: string }>(titles, JSON.stringify(ids))
          )
          return new Map(rows.map(({ id, title }) => [id, title]))
        }).pipe(
          Effect.catchAll((error): Effect.Effect<ReadonlyMap<string, string>, Locked> =>
            // A receipt without titles says more than none.
            error._tag === "UserLocked" ? Effect.fail(new Locked({ owner })) : Effect.succeed(new Map())
          )
        )
    }
  })
)
