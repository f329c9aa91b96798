/**
 * All that stays of a conversation, said anew: under a new key, so that the older keys can be destroyed and with them what was deleted, or on a
 * node it came to from another. It comes in chunks; the first one takes the place of everything before it, the others add their messages.
 */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { Did, DocumentId, ImportId, MessageId, Millis, Tag, Text } from "../ids.ts"
import { ContentRef, Message } from "./Message.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())
const Trash = Schema.Struct({ since: Millis, purgeAt: Millis, archived: Schema.Boolean })

const routing = {
  documentId: DocumentId,
  owner: Did,
  provider: Schema.String.pipe(Schema.pattern(/^[a-z0-9-]{1,32}$/)),
  importId: Schema.NullOr(ImportId),
  chunk: Schema.Struct({ index: Count, of: Count }),
  /** In the trash as it was before; null: it is not there. */
  trash: Schema.NullOr(Trash),
  archived: Schema.Boolean,
  /** Never to come back, whatever is imported again. */
  deleted: Schema.Array(MessageId)
}

const sealed = {
  sourceId: Schema.NullOr(Text),
  /** The title the owner gave, and the export's. */
  title: Schema.NullOr(Text),
  sourceTitle: Schema.NullOr(Text),
  model: Schema.NullOr(Text),
  project: Schema.NullOr(Text),
  createdAt: Schema.NullOr(Millis),
  updatedAt: Schema.NullOr(Millis),
  /** Where it stands in the library when it has no date. */
  sortedAt: Millis,
  leaf: Schema.NullOr(MessageId),
  starred: Schema.Boolean,
  warnings: Schema.Array(Text),
  tags: Schema.Array(Tag),
  /** What the last import said of it as a whole, to tell one with news from one without. */
  imported: Schema.Struct({
    head: Text,
    updatedAt: Schema.NullOr(Millis),
    starred: Schema.Boolean,
    archived: Schema.Boolean
  }),
  messages: Schema.Array(Message)
}
/** `raws`: the verbatim records it was read from, where it holds all of them; what was deleted of it stands in none of these. */
export const ConversationRestated = Event.make("document.ConversationRestated", { routing, private: sealed }).next(
  { routing: { ...routing, raws: Schema.Array(ContentRef) }, private: sealed },
  { routing: (older) => ({ ...older, raws: [] }), private: (older) => older }
)
