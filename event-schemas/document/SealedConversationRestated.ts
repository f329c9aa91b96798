/**
 * All of a sealed conversation: bytes the node cannot open. It comes in chunks, in one append; the first one takes the place of
 * everything before it. Said when the conversation is sealed, and again under a new key of the node's when something of it was deleted.
 */
import * as Schema from "effect/Schema"
import * as Event from "../Event.ts"
import { CommandId, Did, DocumentId, MessageId, Millis } from "../ids.ts"
import { SealedFiles, SealedHead, SealedKey, SealedMessage } from "./Sealed.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())
const Trash = Schema.Struct({ since: Millis, purgeAt: Millis, archived: Schema.Boolean })

export const SealedConversationRestated = Event.make("document.SealedConversationRestated", {
  routing: {
    documentId: DocumentId,
    owner: Did,
    chunk: Schema.Struct({ index: Count, of: Count }),
    /** In the trash as it was before; null: it is not there. */
    trash: Schema.NullOr(Trash),
    archived: Schema.Boolean,
    /** Never to come back. */
    deleted: Schema.Array(MessageId)
  },
  private: {
    /** Which sealing of the conversation it is: each has a key of its own, and its ciphertexts are bound to it. */
    revision: CommandId,
    key: SealedKey,
    head: SealedHead,
    files: SealedFiles,
    messages: Schema.Array(SealedMessage)
  }
})
