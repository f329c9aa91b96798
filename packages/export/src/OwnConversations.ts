/**
 * The conversations of one account, each as a line of JSON with the hash of what it says, and as a page for people. What a line says is enough to
 * have the conversation elsewhere as it is here: its tree, titles, tags, trash, and what must not come back.
 */
import { fold } from "@vivim/actor/Actor"
import { contentOf, conversationFormat, type FileConversation } from "@vivim/contract/AccountFile"
import * as ConversationView from "@vivim/document/ConversationView"
import { Document } from "@vivim/document/Document"
import { inLibrary } from "@vivim/document/LibraryDoor"
import * as LibraryRestated from "@vivim/document/LibraryRestated"
import * as LibrarySealed from "@vivim/document/LibrarySealed"
import * as LibrarySummary from "@vivim/document/LibrarySummary"
import * as Restating from "@vivim/document/Restating"
import type { ContentRef, Message } from "@vivim/event-schemas/document/Message"
import type { ContentHash, Did, DocumentId } from "@vivim/event-schemas/ids"
import { sha256 } from "@vivim/import/MessageHash"
import type { Database } from "@vivim/user-database/Database"
import * as Effect from "effect/Effect"

/** The ids of all conversations, in the order they came. */
export const ids = (owner: Did) =>
  inLibrary(owner, (db) => db.values<DocumentId>("SELECT id FROM conversations ORDER BY number"))

/** The verbatim records that a conversation was read from and that were not put away with a message that was deleted. */
const rawsOf = (all: ReadonlyArray<Restating.Read>): ReadonlyArray<ContentRef> => {
  let raws = new Map<string, ContentRef>()
  for (const { event } of all) {
    if (event?._tag === "document.ConversationRestated") {
      if (event.chunk.index === 0) raws = new Map()
      for (const raw of event.raws) raws.set(raw.hash, raw)
    }
    if (event?._tag === "document.ConversationImported" && event.raw !== null) raws.set(event.raw.hash, event.raw)
  }
  return [...raws.values()]
}

const inView = (db: Database, documentId: DocumentId) => {
  const head = LibraryRestated.read(db, documentId)
  return head === null ? null : { head, messages: ConversationView.everyMessage(db, documentId) }
}

/** One conversation as a line; null when it went meanwhile, or is sealed: then its owner's devices alone open it. */
export const line = Effect.fn("OwnConversations.line")(function*(owner: Did, documentId: DocumentId) {
  const found = yield* inLibrary(owner, (db) => inView(db, documentId))
  const all = yield* Restating.read(`document/${documentId}`)
  const state = fold(Document, Document.initial, all.flatMap(({ event }) => event ?? []))
  if (found === null || state.deleted || state.sealed !== null) return null
  const { head: { archivedAtSource: _, importId: __, sourceId, trashed: ___, ...head }, messages } = found
  const said: Omit<FileConversation, "format" | "hash"> = {
    ...head,
    sourceId: sourceId ?? documentId,
    archived: state.archived,
    trash: state.trash,
    deleted: [...state.deletedMessages],
    imported: { head: state.head, ...state.source },
    raws: rawsOf(all),
    messages
  }
  const hash = sha256(contentOf(said)) as ContentHash
  return { format: conversationFormat, hash, ...said } satisfies FileConversation
})

/** What a page for people shows of a conversation. */
export interface Shown {
  readonly summary: LibrarySummary.Summary
  /** The path the product shows last, without what it hides. */
  readonly messages: ReadonlyArray<Message>
  /** Messages on other branches. */
  readonly elsewhere: number
}

export const shown = Effect.fn("OwnConversations.shown")(function*(owner: Did, documentId: DocumentId) {
  return yield* inLibrary(owner, (db): Shown | null => {
    const outline = ConversationView.outline(db, documentId)
    if (outline === null || LibrarySealed.isSealed(db, documentId)) return null
    const path = ConversationView.activePath(outline.nodes, outline.leaf)
    const messages = ConversationView.messages(db, documentId, path).filter(({ hidden }) => hidden === null)
    return { summary: outline.summary, messages, elsewhere: outline.nodes.length - path.length }
  })
})
