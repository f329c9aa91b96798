/** What may be asked of a conversation: the commands its actor hears. What can be seen of it stands in `Library.ts`. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { ContentRef, Message } from "@vivim/event-schemas/document/Message"
import { DocumentId, ImportId, MessageId, Millis, Tag, Text, Title } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import { command } from "./Call.ts"
import { NothingToChange } from "./Refusal.ts"

export class DocumentTaken extends Schema.TaggedError<DocumentTaken>()("DocumentTaken", { documentId: DocumentId }) {}
/** There is no such conversation, or none that is yours. */
export class NoSuchDocument
  extends Schema.TaggedError<NoSuchDocument>()("NoSuchDocument", { documentId: DocumentId })
{}
export class DocumentDeleted
  extends Schema.TaggedError<DocumentDeleted>()("DocumentDeleted", { documentId: DocumentId })
{}
export class MessageTaken extends Schema.TaggedError<MessageTaken>()("MessageTaken", { messageId: MessageId }) {}
export class NoSuchMessage extends Schema.TaggedError<NoSuchMessage>()("NoSuchMessage", { messageId: MessageId }) {}

const Count = Schema.Int.pipe(Schema.nonNegative())

/** The answer to one imported chunk: where it lies, and what became of its nodes. */
export class ImportedChunk extends Receipt.extend<ImportedChunk>("ImportedChunk")({
  counts: Schema.Struct({ kept: Count, hidden: Count, merged: Count })
}) {}

const Refusals = Schema.Union(NoSuchDocument, DocumentDeleted)

/** One chunk of a conversation from an export; `chunk.index` counts from 0. Chunks of one conversation go in order. */
export const ImportedConversation = {
  documentId: DocumentId,
  importId: ImportId,
  provider: Schema.String.pipe(Schema.pattern(/^[a-z0-9-]{1,32}$/)),
  chunk: Schema.Struct({ index: Count, of: Count }),
  raw: Schema.NullOr(ContentRef),
  sourceId: Text.pipe(Schema.maxLength(1_024)),
  title: Schema.NullOr(Text.pipe(Schema.maxLength(4_096))),
  summary: Schema.NullOr(Text),
  createdAt: Schema.NullOr(Millis),
  updatedAt: Schema.NullOr(Millis),
  model: Schema.NullOr(Text),
  project: Schema.NullOr(Text),
  tags: Schema.Array(Text),
  starred: Schema.Boolean,
  archived: Schema.Boolean,
  leaf: Schema.NullOr(MessageId),
  messages: Schema.Array(Message),
  warnings: Schema.Array(Text)
}

export class DocumentCommands extends RpcGroup.make(
  command("StartConversation", "POST /conversations", "Open an empty conversation", {
    payload: { documentId: DocumentId, title: Title },
    refusals: DocumentTaken
  }),
  command("ImportConversation", "POST /conversations/:documentId/chunks", "Bring in one chunk of a conversation", {
    payload: ImportedConversation,
    success: ImportedChunk,
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("AppendMessage", "POST /conversations/:documentId/messages", "Say one more thing", {
    payload: { documentId: DocumentId, message: Message },
    refusals: Schema.Union(Refusals, MessageTaken, NoSuchMessage)
  }),
  command("RenameConversation", "PATCH /conversations/:documentId", "Give the conversation a title", {
    payload: { documentId: DocumentId, title: Title },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("TagConversation", "POST /conversations/:documentId/tags", "Put a tag on the conversation", {
    payload: { documentId: DocumentId, tag: Tag },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("UntagConversation", "DELETE /conversations/:documentId/tags/:tag", "Take a tag off", {
    payload: { documentId: DocumentId, tag: Tag },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("ArchiveConversation", "POST /conversations/:documentId/archive", "Put the conversation out of sight", {
    payload: { documentId: DocumentId },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("UnarchiveConversation", "DELETE /conversations/:documentId/archive", "Bring it back in sight", {
    payload: { documentId: DocumentId },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("DeleteConversation", "DELETE /conversations/:documentId", "Delete the conversation", {
    payload: { documentId: DocumentId },
    refusals: Refusals
  })
) {}

export const DocumentAddress = Address.make({
  kind: "document",
  commands: DocumentCommands,
  id: ({ documentId }) => documentId
})
