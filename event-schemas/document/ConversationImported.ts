/**
 * One chunk of a conversation came in from an export: bounded in messages and bytes, never one event per message.
 * It holds only what the archive did not have yet; `counts` says what became of every node of the chunk.
 */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, DocumentId, ImportId, MessageId, Millis, Text } from "../ids.ts"
import { ContentRef, Message } from "./Message.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())

export const ConversationImported = Event.make("document.ConversationImported", {
  routing: {
    documentId: DocumentId,
    owner: Did,
    importId: ImportId,
    /** The product it was exported from: `chatgpt`, `claude`, `markdown` … */
    provider: Schema.String.pipe(Schema.pattern(/^[a-z0-9-]{1,32}$/)),
    chunk: Schema.Struct({ index: Count, of: Count }),
    counts: Schema.Struct({ kept: Count, hidden: Count, merged: Count }),
    /** The verbatim record this was read from, in the content store. */
    raw: Schema.NullOr(ContentRef)
  },
  private: {
    /** The provider's own id of the conversation. */
    sourceId: Text,
    title: Schema.NullOr(Text),
    /** The provider's own summary. */
    summary: Schema.NullOr(Text),
    createdAt: Schema.NullOr(Millis),
    updatedAt: Schema.NullOr(Millis),
    model: Schema.NullOr(Text),
    project: Schema.NullOr(Text),
    /** Tags or folders the provider had it under. */
    tags: Schema.Array(Text),
    starred: Schema.Boolean,
    archived: Schema.Boolean,
    /** The node the provider showed last: the active path runs from here to the root. */
    leaf: Schema.NullOr(MessageId),
    messages: Schema.Array(Message),
    warnings: Schema.Array(Text)
  }
})
