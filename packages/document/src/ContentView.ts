/** Content records of the master registry: which documents exist, whose they are, where they come from. Never what they say. */
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import type { Fact } from "@vivim/projection/Fact"
import * as RegistryView from "@vivim/projection/RegistryView"

const { patch, put } = RegistryView
const state = (documentId: string, state: "open" | "archived" | "deleted") => [
  patch("content_record", { document_id: documentId }, { state })
]

interface Brought {
  readonly documentId: string
  readonly owner: string
  readonly provider: string
  readonly archived?: boolean
}

/** What comes from elsewhere: the first event of its stream opens the record. */
const brought = (
  { archived = false, documentId, owner, provider }: Brought,
  { at, position, version }: Fact
) => [
  put("content_record", {
    document_id: documentId,
    owner,
    provider,
    last_position: position,
    changed_at: at,
    ...version === 1
      ? { kind: "conversation", state: archived ? "archived" : "open", first_position: position }
      : {}
  })
]

export const ContentView = RegistryView.make({
  name: "content",
  version: 3,
  reads: DocumentEvents,
  tables: {
    content_record: {
      key: ["document_id"],
      columns: {
        document_id: "text",
        kind: "text",
        owner: "text",
        provider: "text",
        state: "text",
        first_position: "bigint",
        last_position: "bigint",
        changed_at: "bigint"
      },
      indexes: [["owner"]]
    }
  },
  on: {
    "document.ConversationStarted": ({ documentId, owner }, { at, position }) => [
      put("content_record", {
        document_id: documentId,
        kind: "conversation",
        owner,
        provider: "vivim",
        state: "open",
        first_position: position,
        last_position: position,
        changed_at: at
      })
    ],
    "document.ConversationImported": brought,
    "document.ConversationRestated": brought,
    "document.MessageAppended": ({ documentId }, { at, position }) => [
      patch("content_record", { document_id: documentId }, { last_position: position, changed_at: at })
    ],
    "document.SealedMessageAppended": ({ documentId }, { at, position }) => [
      patch("content_record", { document_id: documentId }, { last_position: position, changed_at: at })
    ],
    "document.ConversationSealed": ({ documentId }) => [
      patch("content_record", { document_id: documentId }, { provider: "sealed" })
    ],
    "document.ConversationArchived": ({ documentId }) => state(documentId, "archived"),
    "document.ConversationUnarchived": ({ documentId }) => state(documentId, "open"),
    "document.ConversationDeleted": ({ documentId }) => state(documentId, "deleted")
  },
  touches: ({ documentId }) => [`content/${documentId}`]
})
