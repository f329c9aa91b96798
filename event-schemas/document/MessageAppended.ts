/** One more message was said. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"
import { Message } from "./Message.ts"

export const MessageAppended = Event.make("document.MessageAppended", {
  routing: { documentId: DocumentId },
  private: { message: Message }
})
