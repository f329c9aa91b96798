/** One more message was said in a sealed conversation, and what it makes of the whole. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"
import { SealedFiles, SealedHead, SealedMessage } from "./Sealed.ts"

export const SealedMessageAppended = Event.make("document.SealedMessageAppended", {
  routing: { documentId: DocumentId },
  private: { head: SealedHead, files: SealedFiles, message: SealedMessage }
})
