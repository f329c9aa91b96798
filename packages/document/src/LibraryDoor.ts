/** Answers what owners ask of their library, out of their own SQLite file. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import { NoSuchDocument } from "@vivim/contract/Document"
import {
  type ConversationOutline,
  type LibraryFacets,
  type LibraryPage,
  LibraryViews,
  type Unit
} from "@vivim/contract/Library"
import { DocumentNotSealed, documentSealed } from "@vivim/contract/Sealed"
import { SessionGuard } from "@vivim/contract/Session"
import type { DocumentId } from "@vivim/event-schemas/ids"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import type { Database } from "@vivim/user-database/Database"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ConversationView from "./ConversationView.ts"
import * as Library from "./Library.ts"
import * as LibraryRestated from "./LibraryRestated.ts"
import * as LibrarySealed from "./LibrarySealed.ts"
import { keys, LibraryView } from "./LibraryView.ts"

/** Runs a query in the user's own file. */
export const inLibrary = <A>(did: string, use: (db: Database) => A) =>
  Effect.flatMap(UserDatabases, (databases) => databases.read(did, LibraryView, use))

/** Of one conversation: null means there is none, or none of this user's. */
const ofDocument = <A>(did: string, documentId: DocumentId, use: (db: Database) => A | null) =>
  Effect.flatMap(
    inLibrary(did, use),
    (found) => found === null ? Effect.fail(new NoSuchDocument({ documentId })) : Effect.succeed(found)
  )

const isThere = (db: Database, documentId: string) =>
  db.value("SELECT 1 FROM conversations WHERE id = ?", documentId) !== undefined

/** Of one conversation that is served, or that is sealed: null means it is the other. */
const ofKind = <A, E>(did: string, documentId: DocumentId, use: (db: Database) => A | null, otherwise: () => E) =>
  Effect.flatMap(
    ofDocument(did, documentId, (db) => isThere(db, documentId) ? { found: use(db) } : null),
    ({ found }) => found === null ? Effect.fail(otherwise()) : Effect.succeed(found)
  )
const ofServed = <A>(did: string, documentId: DocumentId, use: (db: Database) => A | null) =>
  ofKind(
    did,
    documentId,
    (db) => LibrarySealed.isSealed(db, documentId) ? null : use(db),
    () => documentSealed(documentId)
  )

const Doors = LibraryViews.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  UserDatabases | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<UserDatabases>(), ({ query, watch }) => ({
  WatchLibrary: (question) =>
    watch(({ userId }) => ({
      keys: [keys.library(userId)],
      ask: weatherproof("read your library", inLibrary(userId, (db) => Library.page(db, question) as LibraryPage))
    })),
  WatchFacets: (filter) =>
    watch(({ userId }) => ({
      keys: [keys.library(userId)],
      ask: weatherproof("read your library", inLibrary(userId, (db) => Library.facets(db, filter) as LibraryFacets))
    })),
  WatchConversation: ({ documentId }) =>
    watch(({ userId }) => ({
      keys: [keys.conversation(userId, documentId), keys.whole(userId)],
      ask: weatherproof(
        "read the conversation",
        ofDocument(userId, documentId, (db) => ConversationView.outline(db, documentId) as ConversationOutline | null),
        ["NoSuchDocument"]
      )
    })),
  ReadMessages: ({ documentId, ids }) =>
    query(({ userId }) =>
      weatherproof(
        "read the messages",
        ofServed(userId, documentId, (db) => ConversationView.messages(db, documentId, ids)),
        ["NoSuchDocument", "DocumentSealed"]
      )
    ),
  ReadUnits: ({ documentId, messageId }) =>
    query(({ userId }) =>
      weatherproof(
        "read the units",
        ofServed(
          userId,
          documentId,
          (db) => ConversationView.units(db, documentId, messageId) as ReadonlyArray<Unit>
        ),
        ["NoSuchDocument", "DocumentSealed"]
      )
    ),
  ReadHead: ({ documentId }) =>
    query(({ userId }) =>
      weatherproof(
        "read the conversation",
        ofServed(userId, documentId, (db) => LibraryRestated.readFor(db, documentId)),
        ["NoSuchDocument", "DocumentSealed"]
      )
    ),
  ReadSealed: ({ documentId }) =>
    query(({ userId }) =>
      weatherproof(
        "read the conversation",
        ofKind(
          userId,
          documentId,
          (db) => LibrarySealed.read(db, documentId),
          () => new DocumentNotSealed({ documentId })
        ),
        ["NoSuchDocument", "DocumentNotSealed"]
      )
    )
})))
