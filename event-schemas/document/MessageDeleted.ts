/** The owner deleted one message; views forget it, and what was said after it follows what was said before. */
import * as Event from "../Event.ts"
import { DocumentId, MessageId } from "../ids.ts"

export const MessageDeleted = Event.make("document.MessageDeleted", {
  routing: { documentId: DocumentId, messageId: MessageId },
  private: {}
})
