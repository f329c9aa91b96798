/** The key of a sealed conversation was wrapped anew: its owner has another master key. */
import * as Event from "../Event.ts"
import { DocumentId } from "../ids.ts"
import { SealedKey } from "./Sealed.ts"

export const SealedKeyRewrapped = Event.make("document.SealedKeyRewrapped", {
  routing: { documentId: DocumentId },
  private: { key: SealedKey }
})
