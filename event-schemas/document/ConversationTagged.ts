/** The owner put a tag on the conversation. */
import * as Event from "../Event.ts"
import { DocumentId, Tag } from "../ids.ts"

export const ConversationTagged = Event.make("document.ConversationTagged", {
  routing: { documentId: DocumentId },
  private: { tag: Tag }
})
