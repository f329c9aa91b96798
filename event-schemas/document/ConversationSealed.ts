/** The owner's device took the conversation out of the node's sight: what it sealed follows, and what was readable is destroyed. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"

export const ConversationSealed = Event.make("document.ConversationSealed", {
  routing: { documentId: DocumentId },
  private: {}
})
