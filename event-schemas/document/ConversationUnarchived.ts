/** The conversation is back in sight. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"

export const ConversationUnarchived = Event.make("document.ConversationUnarchived", {
  routing: { documentId: DocumentId },
  private: {}
})
