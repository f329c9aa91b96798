/** The owner gave the conversation a title; it wins over whatever a later import says. */
import * as Event from "../Event.ts"
import { DocumentId, Title } from "../ids.ts"

export const ConversationRenamed = Event.make("document.ConversationRenamed", {
  routing: { documentId: DocumentId },
  private: { title: Title }
})
