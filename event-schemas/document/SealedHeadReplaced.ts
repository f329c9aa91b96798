/** The owner said something else of a sealed conversation as a whole: another title, other tags. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"
import { SealedHead } from "./Sealed.ts"

export const SealedHeadReplaced = Event.make("document.SealedHeadReplaced", {
  routing: { documentId: DocumentId },
  private: { head: SealedHead }
})
