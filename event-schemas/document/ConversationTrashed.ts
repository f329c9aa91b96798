/** The owner put the conversation in the trash: it is deleted at `purgeAt` unless it is restored before. */
import * as Event from "../Event.ts"
import { DocumentId, Millis } from "../ids.ts"

export const ConversationTrashed = Event.make("document.ConversationTrashed", {
  routing: { documentId: DocumentId, purgeAt: Millis },
  private: {}
})
