/** The conversation is out of sight, not gone. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"

export const ConversationArchived = Event.make("document.ConversationArchived", {
  routing: { documentId: DocumentId },
  private: {}
})
