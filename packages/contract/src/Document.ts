/** What may be asked of a conversation: the commands its actor hears. What can be seen of it stands in `Library.ts`. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { ContentRef, Message } from "@vivim/event-schemas/document/Message"
import { DocumentId, ImportId, MessageId, Millis, Tag, Text, Title } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Schema from "effect/Schema"
import { conversationHead } from "./AccountFile.ts"
import * as Address from "./Address.ts"
import { command } from "./Call.ts"
import { ofDocument, Reachable } from "./Reachable.ts"
import { NothingToChange } from "./Refusal.ts"
import { DocumentMoved, DocumentNotSealed, DocumentSealed, Sealing } from "./Sealed.ts"

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

/** It is in the trash, until then. */
export class InTrash extends Schema.TaggedError<InTrash>()("InTrash", { documentId: DocumentId, purgeAt: Millis }) {}
export class NotInTrash extends Schema.TaggedError<NotInTrash>()("NotInTrash", { documentId: DocumentId }) {}

/** How long the trash keeps a conversation unless it is told otherwise: thirty days. */
export const TrashKeepMs = 30 * 86_400_000

const Count = Schema.Int.pipe(Schema.nonNegative())

/** The answer to one imported chunk: where it lies, and what became of its nodes. */
export class ImportedChunk extends Receipt.extend<ImportedChunk>("ImportedChunk")({
  counts: Schema.Struct({ kept: Count, hidden: Count, merged: Count })
}) {}

const Refusals = Schema.Union(NoSuchDocument, DocumentDeleted)
/** Of what is only for conversations the node can read, and what only for others. */
const Served = Schema.Union(Refusals, DocumentSealed)
const OfSealed = Schema.Union(Refusals, DocumentNotSealed, DocumentMoved)

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

/** What is known of a conversation as a whole, as `FileConversation` in `AccountFile.ts` has it, and some of its messages. */
const RestatedConversation = {
  documentId: DocumentId,
  importId: ImportId,
  chunk: Schema.Struct({ index: Count, of: Count }),
  ...conversationHead,
  messages: Schema.Array(Message)
}

export class DocumentCommands extends RpcGroup.make(
  command("StartConversation", "POST /conversations", "Open an empty conversation", {
    payload: { documentId: DocumentId, title: Title },
    refusals: DocumentTaken
  }),
  command("ImportConversation", "POST /conversations/:documentId/chunks", "Bring in one chunk of a conversation", {
    payload: ImportedConversation,
    success: ImportedChunk,
    refusals: Schema.Union(Served, NothingToChange)
  }),
  command("RestateConversation", "POST /conversations/:documentId/restated", "Bring a conversation from another node", {
    payload: RestatedConversation,
    success: ImportedChunk,
    refusals: Schema.Union(Served, NothingToChange)
  }),
  command("AppendMessage", "POST /conversations/:documentId/messages", "Say one more thing", {
    payload: { documentId: DocumentId, message: Message },
    refusals: Schema.Union(Served, MessageTaken, NoSuchMessage)
  }),
  command("DeleteMessage", "DELETE /conversations/:documentId/messages/:messageId", "Delete one message, for good", {
    payload: { documentId: DocumentId, messageId: MessageId },
    refusals: Schema.Union(Refusals, NoSuchMessage)
  }),
  command("RenameConversation", "PATCH /conversations/:documentId", "Give the conversation a title", {
    payload: { documentId: DocumentId, title: Title },
    refusals: Schema.Union(Served, NothingToChange)
  }).annotate(Reachable, ofDocument("/content/write")),
  command("TagConversation", "POST /conversations/:documentId/tags", "Put a tag on the conversation", {
    payload: { documentId: DocumentId, tag: Tag },
    refusals: Schema.Union(Served, NothingToChange)
  }).annotate(Reachable, ofDocument("/content/write")),
  command("UntagConversation", "DELETE /conversations/:documentId/tags/:tag", "Take a tag off", {
    payload: { documentId: DocumentId, tag: Tag },
    refusals: Schema.Union(Served, NothingToChange)
  }).annotate(Reachable, ofDocument("/content/write")),
  command("ArchiveConversation", "POST /conversations/:documentId/archive", "Put the conversation out of sight", {
    payload: { documentId: DocumentId },
    refusals: Schema.Union(Refusals, NothingToChange)
  }),
  command("UnarchiveConversation", "DELETE /conversations/:documentId/archive", "Bring it back in sight", {
    payload: { documentId: DocumentId },
    refusals: Schema.Union(Refusals, NothingToChange, InTrash)
  }),
  command(
    "TrashConversation",
    "POST /conversations/:documentId/trash",
    "Delete it later: until then it can be restored",
    {
      payload: {
        documentId: DocumentId,
        /** Milliseconds until it is deleted for good; thirty days unless given. */
        keepMs: Schema.optional(Schema.Int.pipe(Schema.between(0, 10 * 365 * 86_400_000)))
      },
      refusals: Schema.Union(Refusals, InTrash)
    }
  ),
  command("RestoreConversation", "DELETE /conversations/:documentId/trash", "Take it out of the trash", {
    payload: { documentId: DocumentId },
    refusals: Schema.Union(Refusals, NotInTrash)
  }),
  command(
    "PurgeConversation",
    "POST /conversations/:documentId/purge",
    "Delete it when its time in the trash is over",
    {
      payload: {
        documentId: DocumentId,
        /** Now, although its time is not over. What has been restored meanwhile stays. */
        early: Schema.optional(Schema.Boolean)
      },
      refusals: Schema.Union(Refusals, InTrash, NotInTrash)
    }
  ),
  command("DeleteConversation", "DELETE /conversations/:documentId", "Delete the conversation", {
    payload: { documentId: DocumentId },
    refusals: Refusals
  }),
  command(
    "SealConversation",
    "PUT /conversations/:documentId/sealed",
    "Put in its place what your device sealed of it",
    {
      payload: Sealing.seal,
      refusals: Schema.Union(Served, InTrash, DocumentMoved)
    }
  ),
  command("UnsealConversation", "POST /conversations/:documentId/unseal", "Let the node read the conversation again", {
    payload: Sealing.unseal,
    refusals: Schema.Union(OfSealed, InTrash)
  }),
  command("AppendSealedMessage", "POST /conversations/:documentId/sealed/messages", "Say one more thing, sealed", {
    payload: Sealing.append,
    refusals: Schema.Union(OfSealed, MessageTaken, NoSuchMessage)
  }),
  command("ReplaceSealedHead", "PUT /conversations/:documentId/sealed/head", "Give it another title or tags, sealed", {
    payload: Sealing.replaceHead,
    refusals: OfSealed
  }),
  command("RewrapSealedKey", "PUT /conversations/:documentId/sealed/key", "Wrap its key under your new master key", {
    payload: Sealing.rewrap,
    refusals: Schema.Union(OfSealed, NothingToChange)
  })
) {}

export const DocumentAddress = Address.make({
  kind: "document",
  commands: DocumentCommands,
  id: ({ documentId }) => documentId
})
