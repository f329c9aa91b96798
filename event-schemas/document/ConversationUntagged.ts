/** The owner took a tag off. */
import * as Event from "../Event.ts"
import { DocumentId, Tag } from "../ids.ts"

export const ConversationUntagged = Event.make("document.ConversationUntagged", {
  routing: { documentId: DocumentId },
  private: { tag: Tag }
})
