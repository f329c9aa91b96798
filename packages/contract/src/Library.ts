/** What an owner sees of their conversations: the list, its facets, one conversation's tree, its messages and units. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Message, Role } from "@vivim/event-schemas/document/Message"
import { ContentHash, DocumentId, ImportId, MessageId, Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { query, watch } from "./Call.ts"
import { NoSuchDocument } from "./Document.ts"
import { ofDocument, Reachable } from "./Reachable.ts"
import { DocumentHead, DocumentNotSealed, DocumentSealed, SealedDocument, SealedSummary } from "./Sealed.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())

/**
 * Which conversations; every given part must hold. Times are milliseconds, inclusive, against the last message: what has no
 * date lies between no two of them.
 */
export const LibraryFilter = {
  provider: Schema.optional(Schema.String),
  tag: Schema.optional(Schema.String),
  /** Only what was last changed by this import. */
  importId: Schema.optional(ImportId),
  from: Schema.optional(Millis),
  to: Schema.optional(Millis),
  /** True: only what has a date. False: only what has none, as transcripts without times. */
  dated: Schema.optional(Schema.Boolean),
  archived: Schema.optional(Schema.Boolean),
  /** True: only what lies in the trash. Otherwise only what does not. */
  trashed: Schema.optional(Schema.Boolean),
  /** Words the title, the tags or one message must hold. */
  text: Schema.optional(Schema.String.pipe(Schema.maxLength(512)))
}

export const ConversationSummary = Schema.Struct({
  documentId: DocumentId,
  title: Schema.String,
  /** True when the export had no title and the first words stand in for it. */
  titleDerived: Schema.Boolean,
  provider: Schema.String,
  model: Schema.NullOr(Schema.String),
  /** Null, as `updatedAt` is, where the export says nothing and no message has a time. */
  createdAt: Schema.NullOr(Millis),
  updatedAt: Schema.NullOr(Millis),
  /** Messages that are shown, on all branches. */
  messages: Count,
  branches: Count,
  tags: Schema.Array(Schema.String),
  archived: Schema.Boolean,
  starred: Schema.Boolean,
  /** Null unless it lies in the trash: since when, and when it is deleted for good. */
  trash: Schema.NullOr(Schema.Struct({ since: Millis, purgeAt: Millis })),
  /**
   * Null unless its words are sealed: then its title is empty, its provider `sealed`, its date a day, and it has no tags; what they
   * are its owner's device opens.
   */
  sealed: Schema.NullOr(SealedSummary)
}).annotations({ identifier: "ConversationSummary" })
export type ConversationSummary = typeof ConversationSummary.Type

export const LibraryPage = Schema.Struct({
  total: Count,
  offset: Count,
  items: Schema.Array(ConversationSummary)
}).annotations({ identifier: "LibraryPage" })
export type LibraryPage = typeof LibraryPage.Type

/** How many conversations each choice would show with the rest of the filter as it is: its own part is left out of its counts. */
export const LibraryFacets = Schema.Struct({
  /** Of all conversations but those in the trash, whatever the filter. */
  total: Count,
  /** In the trash, whatever the filter. */
  trashed: Count,
  archived: Count,
  providers: Schema.Array(Schema.Struct({ provider: Schema.String, count: Count })),
  tags: Schema.Array(Schema.Struct({ tag: Schema.String, count: Count })),
  /** Conversations without any date. */
  undated: Count,
  /** `YYYY-MM`, newest first. */
  months: Schema.Array(Schema.Struct({ month: Schema.String, count: Count }))
}).annotations({ identifier: "LibraryFacets" })
export type LibraryFacets = typeof LibraryFacets.Type

/** One node of the tree, without its content; `hash` changes when the content does. */
export const OutlineNode = Schema.Struct({
  id: MessageId,
  parent: Schema.NullOr(MessageId),
  role: Role,
  at: Schema.NullOr(Millis),
  hidden: Schema.NullOr(Schema.String),
  model: Schema.NullOr(Schema.String),
  hash: ContentHash
}).annotations({ identifier: "OutlineNode" })
export type OutlineNode = typeof OutlineNode.Type

/** A conversation's head and its tree (of a sealed one no node of it: see `ReadSealed`), parents before children, siblings in the order of the export. */
export const ConversationOutline = Schema.Struct({
  summary: ConversationSummary,
  project: Schema.NullOr(Schema.String),
  /** The active path runs from here to its root. */
  leaf: Schema.NullOr(MessageId),
  warnings: Schema.Array(Schema.String),
  nodes: Schema.Array(OutlineNode)
}).annotations({ identifier: "ConversationOutline" })
export type ConversationOutline = typeof ConversationOutline.Type

/** An atomic chat unit: one block of a message that stands alone. `start`/`end` are UTF-16 offsets in its block's text. */
export const Unit = Schema.Struct({
  id: Schema.String,
  messageId: MessageId,
  ordinal: Count,
  type: Schema.String,
  block: Count,
  start: Count,
  end: Count,
  language: Schema.NullOr(Schema.String),
  text: Schema.String,
  hash: ContentHash
}).annotations({ identifier: "Unit" })
export type Unit = typeof Unit.Type

export class LibraryViews extends RpcGroup.make(
  // What has no date comes last, whether the newest or the oldest come first.
  watch("WatchLibrary", "GET /conversations", "Your conversations, a window of them", {
    payload: {
      ...LibraryFilter,
      // `trashed`: what was put into the trash last comes first.
      sort: Schema.optional(Schema.Literal("newest", "oldest", "title", "trashed")),
      offset: Schema.optional(Count),
      limit: Schema.optional(Schema.Int.pipe(Schema.between(1, 500)))
    },
    success: LibraryPage,
    refusals: Schema.Never
  }),
  watch("WatchFacets", "GET /facets", "How your conversations divide by provider, tag and month", {
    payload: LibraryFilter,
    success: LibraryFacets,
    refusals: Schema.Never
  }),
  watch("WatchConversation", "GET /conversations/:documentId", "One conversation: its head and its tree", {
    payload: { documentId: DocumentId },
    success: ConversationOutline,
    refusals: NoSuchDocument
  }).annotate(Reachable, ofDocument("/content/read")),
  query("ReadMessages", "POST /conversations/:documentId/read", "The content of some messages", {
    payload: { documentId: DocumentId, ids: Schema.Array(MessageId).pipe(Schema.maxItems(500)) },
    success: Schema.Array(Message),
    refusals: Schema.Union(NoSuchDocument, DocumentSealed)
  }).annotate(Reachable, ofDocument("/content/read")),
  query("ReadUnits", "GET /conversations/:documentId/units", "The atomic chat units of a conversation or one message", {
    payload: { documentId: DocumentId, messageId: Schema.optional(MessageId) },
    success: Schema.Array(Unit),
    refusals: Schema.Union(NoSuchDocument, DocumentSealed)
  }).annotate(Reachable, ofDocument("/content/read")),
  query("ReadHead", "GET /conversations/:documentId/head", "All that is said of a conversation as a whole", {
    payload: { documentId: DocumentId },
    success: Schema.Struct({ version: Schema.Int, head: DocumentHead }),
    refusals: Schema.Union(NoSuchDocument, DocumentSealed)
  }),
  query("ReadSealed", "GET /conversations/:documentId/sealed", "A sealed conversation, for the devices that open it", {
    payload: { documentId: DocumentId },
    success: SealedDocument,
    refusals: Schema.Union(NoSuchDocument, DocumentNotSealed)
  })
) {}
