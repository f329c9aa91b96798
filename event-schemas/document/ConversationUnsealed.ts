/** The owner's device opened the conversation for the node: it follows, readable, and what was sealed is destroyed. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"

export const ConversationUnsealed = Event.make("document.ConversationUnsealed", {
  routing: { documentId: DocumentId },
  private: {}
})
