/** The owner took the conversation out of the trash again. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"

export const ConversationRestored = Event.make("document.ConversationRestored", {
  routing: { documentId: DocumentId },
  private: {}
})
