/** The trash as the registry knows it: which conversations, whose, and until when. Never what they say. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import { SessionGuard } from "@vivim/contract/Session"
import { TrashViews } from "@vivim/contract/Trash"
import { ConversationDeleted, ConversationRestored, ConversationTrashed } from "@vivim/event-schemas/document/index"
import * as Event from "@vivim/event-schemas/Event"
import type { Did, DocumentId } from "@vivim/event-schemas/ids"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

const { drop, put } = RegistryView
const gone = ({ documentId }: { readonly documentId: string }) => [drop("trash", { document_id: documentId })]

export const TrashView = RegistryView.make({
  name: "trash",
  version: 1,
  reads: Event.vocabulary(ConversationTrashed, ConversationRestored, ConversationDeleted),
  tables: {
    trash: {
      key: ["document_id"],
      columns: { document_id: "text", owner: "text", trashed_at: "bigint", purge_at: "bigint" },
      indexes: [["owner", "purge_at"]]
    }
  },
  on: {
    "document.ConversationTrashed": ({ documentId, purgeAt }, { at, owner }) => [
      put("trash", { document_id: documentId, owner, trashed_at: at, purge_at: purgeAt })
    ],
    "document.ConversationRestored": gone,
    "document.ConversationDeleted": gone
  },
  touches: (_, { owner }) => [`trash/${owner}`]
})

interface Row {
  readonly document_id: DocumentId
  readonly trashed_at: string
  readonly purge_at: string
}

const trashOf = Effect.fn("TrashView.trashOf")(function*(owner: Did) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`
    SELECT document_id, trashed_at, purge_at FROM registry.trash WHERE owner = ${owner} ORDER BY purge_at, document_id`
  return rows.map(({ document_id, purge_at, trashed_at }) => ({
    documentId: document_id,
    trashedAt: Number(trashed_at),
    purgeAt: Number(purge_at)
  }))
})

const Doors = TrashViews.middleware(SessionGuard)

/** Answers now, and again whenever something comes into the trash or goes. */
export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  SqlClient.SqlClient | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<SqlClient.SqlClient>(), ({ watch }) => ({
  WatchTrash: () =>
    watch(({ userId }) => ({ keys: [`trash/${userId}`], ask: weatherproof("read your trash", trashOf(userId)) }))
})))
