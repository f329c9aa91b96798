/** An empty conversation was opened. */
import * as Event from "../Event.ts"
import { Did, DocumentId, Title } from "../ids.ts"

export const ConversationStarted = Event.make("document.ConversationStarted", {
  routing: { documentId: DocumentId, owner: Did },
  private: { title: Title }
})
