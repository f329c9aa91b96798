/** The owner deleted the conversation; views forget it. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"

export const ConversationDeleted = Event.make("document.ConversationDeleted", {
  routing: { documentId: DocumentId },
  private: {}
})
